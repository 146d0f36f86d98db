#define KIND "moving average"
