/* sys_heap of reference firmware.md 2, in C and with the structure of that text: bytes, not the code of any Zephyr. */
#include "stand_in.h"

#define UNIT 8
#ifndef ALLOC_LOOPS
#define ALLOC_LOOPS 3
#endif
struct record {
	uint32_t unused[2], end_chunk, available;
#ifdef STATISTICS
	uint32_t free_bytes, allocated_bytes, most_bytes;
#endif
	uint32_t bucket[];
};

static struct record *record_of(struct sys_heap *heap) { return heap->heap; }
#ifdef BIG_ONLY
#define BIG(units) true
#else
#define BIG(units) ((units) > 32767)
#endif
static bool is_big(struct record *record) { return BIG(record->end_chunk); }
static uint32_t header_bytes(struct record *record) { return is_big(record) ? 8 : 4; }
static uint32_t smallest(struct record *record) { return is_big(record) ? 2 : 1; }

enum { LEFT, SIZE_USED, PREVIOUS, NEXT };

static uint32_t get(struct record *record, uint32_t chunk, int field)
{
	uint8_t *at = (uint8_t *)record + chunk * UNIT;

	return is_big(record) ? ((uint32_t *)at)[field] : ((uint16_t *)at)[field];
}

static void put(struct record *record, uint32_t chunk, int field, uint32_t value)
{
	uint8_t *at = (uint8_t *)record + chunk * UNIT;

	if (is_big(record)) {
		((uint32_t *)at)[field] = value;
	} else {
		((uint16_t *)at)[field] = (uint16_t)value;
	}
}

static uint32_t size_of(struct record *record, uint32_t chunk) { return get(record, chunk, SIZE_USED) >> 1; }
static bool is_used(struct record *record, uint32_t chunk) { return get(record, chunk, SIZE_USED) & 1; }

static void set_size(struct record *record, uint32_t chunk, uint32_t size, bool used)
{
	put(record, chunk, SIZE_USED, size << 1 | used);
	put(record, chunk + size, LEFT, size);
}

static int bucket_of(struct record *record, uint32_t size)
{
	uint32_t reduced = size - smallest(record) + 1;
	int bucket = -1;

	for (; reduced; reduced >>= 1) {
		bucket++;
	}
	return bucket;
}

static void list_add(struct record *record, uint32_t chunk)
{
	int bucket = bucket_of(record, size_of(record, chunk));
	uint32_t head, tail;

	if (bucket < 0) {
		return; /* a lone unit of a big heap is in no list */
	}
	head = record->bucket[bucket];
	if (!head) {
		record->bucket[bucket] = chunk;
		record->available |= 1u << bucket;
		put(record, chunk, PREVIOUS, chunk);
		put(record, chunk, NEXT, chunk);
		return;
	}
	tail = get(record, head, PREVIOUS);
	put(record, chunk, PREVIOUS, tail);
	put(record, chunk, NEXT, head);
	put(record, tail, NEXT, chunk);
	put(record, head, PREVIOUS, chunk);
}

static void list_remove(struct record *record, uint32_t chunk)
{
	int bucket = bucket_of(record, size_of(record, chunk));
	uint32_t next;

	if (bucket < 0) {
		return;
	}
	next = get(record, chunk, NEXT);
	if (next == chunk) {
		record->bucket[bucket] = 0;
		record->available &= ~(1u << bucket);
		return;
	}
	put(record, get(record, chunk, PREVIOUS), NEXT, next);
	put(record, next, PREVIOUS, get(record, chunk, PREVIOUS));
	record->bucket[bucket] = next;
}

void sys_heap_init(struct sys_heap *heap, void *memory, size_t bytes)
{
	uint32_t footer = BIG(bytes / UNIT) ? 8 : 4;
	uint32_t base = ((uint32_t)memory + UNIT - 1) / UNIT * UNIT;
	uint32_t units = (((uint32_t)memory + bytes - footer) / UNIT * UNIT - base) / UNIT;
	struct record *record = (struct record *)base;
	uint32_t first;
	int buckets;

	heap->heap = record;
	heap->init_mem = memory;
	heap->init_bytes = bytes;
	record->unused[0] = record->unused[1] = record->available = 0;
	record->end_chunk = units;
	buckets = bucket_of(record, units) + 1;
	for (int bucket = 0; bucket < buckets; bucket++) {
		record->bucket[bucket] = 0;
	}
	first = (sizeof(*record) + 4 * buckets + UNIT - 1) / UNIT;
	/* Of chunk 0 only its header is written: what would be its links are words of the record. */
	put(record, 0, LEFT, 0);
	set_size(record, 0, first, true);
	set_size(record, first, units - first, false);
	put(record, units, SIZE_USED, 1);
	list_add(record, first);
}

static uint32_t take(struct record *record, uint32_t size)
{
	int bucket = bucket_of(record, size);
	uint32_t first = record->bucket[bucket], chunk = first, larger;

	for (int looks = 0; first && looks < ALLOC_LOOPS; looks++) {
		if (size_of(record, chunk) >= size) {
			list_remove(record, chunk);
			return chunk;
		}
		chunk = get(record, chunk, NEXT);
		record->bucket[bucket] = chunk;
		if (chunk == first) {
			break;
		}
	}
	larger = record->available >> (bucket + 1) << (bucket + 1);
	if (!larger) {
		return 0;
	}
	for (bucket = 0; !(larger >> bucket & 1); bucket++) {
	}
	chunk = record->bucket[bucket];
	list_remove(record, chunk);
	return chunk;
}

static void split(struct record *record, uint32_t left, uint32_t right)
{
	uint32_t end = left + size_of(record, left);

	set_size(record, left, right - left, false);
	set_size(record, right, end - right, false);
}

static void trim(struct record *record, uint32_t chunk, uint32_t end)
{
	if (chunk + size_of(record, chunk) > end) {
		split(record, chunk, end);
		list_add(record, end);
	}
}

static void *place(struct record *record, uint32_t found, size_t align, size_t bytes)
{
	uint32_t header = header_bytes(record), base = (uint32_t)record;
	uint32_t pointer = base + UNIT * found + header, chunk = found;

	if (align > header) {
		pointer = (pointer + align - 1) / align * align;
		chunk = (pointer - header - base) / UNIT;
	}
	if (chunk > found) {
		split(record, found, chunk);
		list_add(record, found);
	}
	trim(record, chunk, (pointer + bytes - base + UNIT - 1) / UNIT);
	put(record, chunk, SIZE_USED, get(record, chunk, SIZE_USED) | 1);
	return (void *)pointer;
}

void *sys_heap_aligned_alloc(struct sys_heap *heap, size_t align, size_t bytes)
{
	struct record *record = record_of(heap);
	uint32_t header = header_bytes(record), padding, found;

	if (!bytes || bytes / UNIT >= record->end_chunk) {
		return NULL;
	}
	padding = align > header ? align - header : 0;
	found = take(record, (header + bytes + padding + UNIT - 1) / UNIT);
	return found ? place(record, found, align, bytes) : NULL;
}

void sys_heap_free(struct sys_heap *heap, void *memory)
{
	struct record *record = record_of(heap);
	uint32_t chunk, left, right;

	if (!memory) {
		return;
	}
	chunk = ((uint32_t)memory - header_bytes(record) - (uint32_t)record) / UNIT;
	right = chunk + size_of(record, chunk);
	put(record, chunk, SIZE_USED, get(record, chunk, SIZE_USED) & ~1u);
	if (!is_used(record, right)) {
		list_remove(record, right);
		set_size(record, chunk, size_of(record, chunk) + size_of(record, right), false);
	}
	left = chunk - get(record, chunk, LEFT);
	if (!is_used(record, left)) {
		list_remove(record, left);
		set_size(record, left, size_of(record, left) + size_of(record, chunk), false);
		chunk = left;
	}
	list_add(record, chunk);
}

void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes)
{
	return sys_heap_aligned_alloc(&heap->heap, align, bytes);
}

void k_heap_free(struct k_heap *heap, void *memory)
{
	sys_heap_free(&heap->heap, memory);
	if (z_unpend_all(&heap->wait_head)) {
		z_reschedule(NULL, 0);
	}
}
