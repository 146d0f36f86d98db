// SPDX-License-Identifier: Apache-2.0
//
// Functions that musl, as zig's wheel bundles it, does not have any more: zig's standard library has them, translated from
// musl. Weak, so that musl's are taken where they are there.
const math = @import("std").math;

comptime {
    give(one(f64, math.acosh), "acosh");
    give(one(f32, acosh_of_float), "acoshf");
    for (.{ "acos", "asin", "atan", "cbrt", "cosh", "log1p", "tanh" }) |name| {
        give(one(f64, @field(math, name)), name);
        give(one(f32, @field(math, name)), name ++ "f");
    }
    give(two(f64, math.hypot), "hypot");
    give(two(f32, math.hypot), "hypotf");
}

// zig's has values below 1 too.
fn acosh_of_float(x: f32) f32 {
    return if (x < 1) math.nan(f32) else math.acosh(x);
}

fn give(comptime function: *const anyopaque, comptime name: []const u8) void {
    @export(function, .{ .name = name, .linkage = .weak });
}

fn one(comptime T: type, comptime function: anytype) *const fn (T) callconv(.c) T {
    return &struct {
        fn call(x: T) callconv(.c) T {
            return function(x);
        }
    }.call;
}

fn two(comptime T: type, comptime function: anytype) *const fn (T, T) callconv(.c) T {
    return &struct {
        fn call(x: T, y: T) callconv(.c) T {
            return function(x, y);
        }
    }.call;
}
