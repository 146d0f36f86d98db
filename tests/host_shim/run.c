/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs an example on the host: calls the function that -DENTRY=name gives, CALLS times if that is given too.
 *
 *     gcc -Itests/host_shim -DENTRY=codec_demo tests/host_shim/run.c EXAMPLE_SOURCES -o example
 */
#ifndef CALLS
#define CALLS 1
#endif

void ENTRY(void);

int main(void)
{
	int call;

	for (call = 0; call < CALLS; call++) {
		ENTRY();
	}
	return 0;
}
