/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <cstddef>
#include <cstdint>

class Shape
{
public:
	explicit Shape(const char *name);
	virtual ~Shape() = default;
	virtual std::int32_t area() const = 0;
	const char *name() const { return name_; }

private:
	const char *name_;
};

class Square : public Shape
{
public:
	explicit Square(std::int32_t side);
	std::int32_t area() const override;

private:
	std::int32_t side_;
};

template <typename T, std::size_t N>
consteval std::size_t length(const T (&)[N])
{
	return N;
}
