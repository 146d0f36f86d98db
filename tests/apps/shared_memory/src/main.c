/* SPDX-License-Identifier: Apache-2.0 */
#include <shared_info.h>
#include <zephyr/devicetree.h>
#include <zephyr/linker/devicetree_regions.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

#define REGION DT_NODELABEL(shared)

static uint8_t llext_buf[] __aligned(4) = {
#include "writer_ext.inc"
};

Z_GENERIC_SECTION(LINKER_DT_NODE_REGION_NAME(REGION)) struct shared_info s_info;
EXPORT_SYMBOL(s_info);

K_SEM_DEFINE(done, 0, 1);

int main(void)
{
	struct llext_buf_loader buf_loader = LLEXT_BUF_LOADER(llext_buf, ARRAY_SIZE(llext_buf));
	struct llext_load_param ldr_parm = LLEXT_LOAD_PARAM_DEFAULT;
	struct llext_loader *loader = &buf_loader.loader;
	struct llext *ext = NULL;
	int ret;

	printk("in %s: %d\n", LINKER_DT_NODE_REGION_NAME(REGION),
	       (uintptr_t)&s_info >= DT_REG_ADDR(REGION) && (uintptr_t)&s_info < DT_REG_ADDR(REGION) + DT_REG_SIZE(REGION));
	memset(&s_info, 0, sizeof(s_info));
	s_info.done = &done;

	ret = llext_load(loader, "writer", &ext, &ldr_parm);
	if (ret != 0) {
		printk("load failed: %d\n", ret);
		return ret;
	}
	for (int i = 0; i < DT_PROP(DT_PATH(zephyr_user), rounds); i++) {
		s_info.a = i + 1;
		ret = llext_call_fn(ext, "writer");
		if (ret != 0 || k_sem_take(&done, K_NO_WAIT) != 0) {
			printk("call failed: %d\n", ret);
		}
		printk("%u %u %s\n", s_info.a, s_info.b, s_info.text);
	}
	llext_unload(&ext);
	return 0;
}
