/* What main and extensions share. */
struct shared_info {
	int a;
	int b;
};
