/* SPDX-License-Identifier: Apache-2.0
 *
 * Extensions from suspend to resume: the application keeps their memory, and copies of their struct llext.
 */
#include <errno.h>
#include <string.h>
#include <zephyr/llext/llext.h>

static struct llext *named(struct llext *ext, unsigned int n_ext, const char *name)
{
	for (unsigned int i = 0; i < n_ext; i++) {
		if (strncmp(ext[i].name, name, sizeof(ext[i].name)) == 0) {
			return &ext[i];
		}
	}
	return NULL;
}

int llext_relink_dependency(struct llext *ext, unsigned int n_ext)
{
	for (unsigned int i = 0; i < n_ext; i++) {
		for (unsigned int j = 0; j < LLEXT_MAX_DEPENDENCIES && ext[i].dependency[j] != NULL; j++) {
			struct llext *kept = named(ext, n_ext, ext[i].dependency[j]->name);

			if (kept == NULL) {
				return -ENOENT;
			}
			ext[i].dependency[j] = kept;
		}
	}
	return 0;
}

int llext_restore(struct llext **ext, struct llext_loader **ldr, unsigned int n_ext)
{
	return z_llext_restore(ext, ldr, n_ext);
}
