/* SPDX-License-Identifier: Apache-2.0
 *
 * Nobody tears a firmware down: destructors of its static objects are not kept, as in Zephyr. Extensions have
 * support/destructors.c.
 */
void *__dso_handle;

int __cxa_atexit(void (*destroy)(void *object), void *object, void *dso)
{
	(void)destroy;
	(void)object;
	(void)dso;
	return 0;
}

int __aeabi_atexit(void *object, void (*destroy)(void *object), void *dso)
{
	return __cxa_atexit(destroy, object, dso);
}

int atexit(void (*function)(void))
{
	(void)function;
	return 0;
}
