extern const int scale_table[4];
