#include "stand_in.h"

static struct llext_buf_loader *of(struct llext_loader *loader) { return (struct llext_buf_loader *)loader; }

int llext_buf_read(struct llext_loader *loader, void *to, size_t size)
{
	struct llext_buf_loader *self = of(loader);
	size_t left = self->len - self->pos;

	if (size > left) {
		size = left;
	}
	memcpy(to, self->buf + self->pos, size);
	self->pos += size;
	return 0;
}

int llext_buf_seek(struct llext_loader *loader, size_t at)
{
	of(loader)->pos = at < of(loader)->len ? at : of(loader)->len;
	return 0;
}

void *llext_buf_peek(struct llext_loader *loader, size_t at) { return (void *)(of(loader)->buf + at); }
