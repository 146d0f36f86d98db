/* SPDX-License-Identifier: Apache-2.0
 *
 * Text to numbers: recursive descent over + - * and parentheses, in thousandths.
 */
#include <string.h>

#include "station.h"

struct input {
	const char *at;
	bool good;
};

static int64_t sum(struct input *input);

static int64_t number(struct input *input)
{
	int64_t value = 0;
	int digits = -1, seen = 0;

	for (;; input->at++) {
		if (*input->at >= '0' && *input->at <= '9' && digits < 3) {
			value = value * 10 + (*input->at - '0');
			digits += digits >= 0;
			seen++;
		} else if (*input->at == '.' && digits < 0) {
			digits = 0;
		} else {
			break;
		}
	}
	input->good &= seen > 0;
	for (digits = digits < 0 ? 0 : digits; digits < 3; digits++) {
		value *= 10;
	}
	return value;
}

static int64_t factor(struct input *input)
{
	if (*input->at == '-') {
		input->at++;
		return -factor(input);
	}
	if (*input->at == '(') {
		input->at++;
		const int64_t value = sum(input);

		input->good &= *input->at == ')';
		input->at += *input->at == ')';
		return value;
	}
	return number(input);
}

static int64_t product(struct input *input)
{
	int64_t value = factor(input);

	while (*input->at == '*') {
		input->at++;
		value = value * factor(input) / 1000;
	}
	return value;
}

static int64_t sum(struct input *input)
{
	int64_t value = product(input);

	while (*input->at == '+' || *input->at == '-') {
		const bool minus = *input->at++ == '-';
		const int64_t term = product(input);

		value += minus ? -term : term;
	}
	return value;
}

static int find(char letter)
{
	for (int index = 0; index < QUANTITIES; index++) {
		if (units[index].letter == letter) {
			return index;
		}
	}
	return -1;
}

bool parse_reading(const char *text, struct reading *reading)
{
	const int index = find(text[0]);
	const char *sign = strchr(text, '=');
	struct input input = {sign + 1, index >= 0 && sign == text + 1};

	if (!input.good) {
		return false;
	}
	const int64_t value = sum(&input);

	reading->quantity = (enum quantity)index;
	reading->milli = (int32_t)value;
	return input.good && *input.at == '\0';
}
