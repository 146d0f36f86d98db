/* SPDX-License-Identifier: Apache-2.0
 *
 * Macros that count, pick and repeat arguments: NUM_VA_ARGS, GET_ARG_N, FOR_EACH and their like, for lists of up to 64. A
 * separator stands in parentheses.
 */
#ifndef ZEPHYR_INCLUDE_SYS_UTIL_LOOPS_H_
#define ZEPHYR_INCLUDE_SYS_UTIL_LOOPS_H_

#define Z_PASTE(x, y) Z_PASTED(x, y)
#define Z_PASTED(x, y) x##y
#define Z_BARE(...) __VA_ARGS__

/* How many arguments; a list of none counts as one that is empty, unless it is asked for. */
#define Z_COUNT(...) Z_COUNTED(__VA_ARGS__, 64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, \
	46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, \
	17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define Z_COUNTED(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, \
	a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, \
	a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59, a60, a61, a62, a63, a64, count, ...) count

/* 1 for a list of nothing at all: what follows a comma-less, parenthesis-less nothing is a call that gives a comma. */
#define Z_COMMA(...) ,
#define Z_HAS_COMMA(...) Z_PASTE(Z_HAS_COMMA_, Z_IS_SINGLE(__VA_ARGS__))
#define Z_HAS_COMMA_1 0
#define Z_HAS_COMMA_0 1
#define Z_IS_SINGLE(...) Z_COUNTED(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
	0, 1, 0)
#define Z_IS_NOTHING(...)                                                                                              \
	Z_NOTHING(Z_HAS_COMMA(__VA_ARGS__), Z_HAS_COMMA(Z_COMMA __VA_ARGS__), Z_HAS_COMMA(__VA_ARGS__()),              \
		  Z_HAS_COMMA(Z_COMMA __VA_ARGS__()))
#define Z_NOTHING(list, call, function, nothing) Z_NOTHING_BITS(list, call, function, nothing)
#define Z_NOTHING_BITS(list, call, function, nothing) Z_NOTHING_##list##call##function##nothing
#define Z_NOTHING_0001 1
#define Z_NOTHING_0000 0
#define Z_NOTHING_0010 0
#define Z_NOTHING_0011 0
#define Z_NOTHING_0100 0
#define Z_NOTHING_0101 0
#define Z_NOTHING_0110 0
#define Z_NOTHING_0111 0
#define Z_NOTHING_1000 0
#define Z_NOTHING_1001 0
#define Z_NOTHING_1010 0
#define Z_NOTHING_1011 0
#define Z_NOTHING_1100 0
#define Z_NOTHING_1101 0
#define Z_NOTHING_1110 0
#define Z_NOTHING_1111 0

#define IS_EMPTY(...) Z_IS_NOTHING(__VA_ARGS__)
#define NUM_VA_ARGS(...) Z_PASTE(Z_NUM_VA_ARGS_, Z_IS_NOTHING(__VA_ARGS__))(__VA_ARGS__)
#define Z_NUM_VA_ARGS_0(...) Z_COUNT(__VA_ARGS__)
#define Z_NUM_VA_ARGS_1(...) 0
#define NUM_VA_ARGS_LESS_1(...) Z_LESS_ONE(__VA_ARGS__)
#define Z_LESS_ONE(...) Z_COUNTED(__VA_ARGS__, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, \
	45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, \
	16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)

/* The N-th argument, counted from 1; all behind the first N; the first N. */
#define GET_ARG_N(N, ...) Z_PASTE(Z_GET_ARG_, N)(__VA_ARGS__, 0)
#define GET_ARGS_LESS_N(N, ...) Z_PASTE(Z_DROP_, N)(__VA_ARGS__)
#define GET_ARGS_FIRST_N(N, ...) Z_PASTE(Z_FIRST_, N)(__VA_ARGS__, 0)
#define Z_GET_ARG_1(a, ...) a
#define Z_DROP_0(...) __VA_ARGS__
#define Z_DROP_1(a, ...) __VA_ARGS__
#define Z_FIRST_0(...)
#define Z_FIRST_1(a, ...) a
#define Z_GET_ARG_2(a, ...) Z_GET_ARG_1(__VA_ARGS__)
#define Z_GET_ARG_3(a, ...) Z_GET_ARG_2(__VA_ARGS__)
#define Z_GET_ARG_4(a, ...) Z_GET_ARG_3(__VA_ARGS__)
#define Z_GET_ARG_5(a, ...) Z_GET_ARG_4(__VA_ARGS__)
#define Z_GET_ARG_6(a, ...) Z_GET_ARG_5(__VA_ARGS__)
#define Z_GET_ARG_7(a, ...) Z_GET_ARG_6(__VA_ARGS__)
#define Z_GET_ARG_8(a, ...) Z_GET_ARG_7(__VA_ARGS__)
#define Z_GET_ARG_9(a, ...) Z_GET_ARG_8(__VA_ARGS__)
#define Z_GET_ARG_10(a, ...) Z_GET_ARG_9(__VA_ARGS__)
#define Z_GET_ARG_11(a, ...) Z_GET_ARG_10(__VA_ARGS__)
#define Z_GET_ARG_12(a, ...) Z_GET_ARG_11(__VA_ARGS__)
#define Z_GET_ARG_13(a, ...) Z_GET_ARG_12(__VA_ARGS__)
#define Z_GET_ARG_14(a, ...) Z_GET_ARG_13(__VA_ARGS__)
#define Z_GET_ARG_15(a, ...) Z_GET_ARG_14(__VA_ARGS__)
#define Z_GET_ARG_16(a, ...) Z_GET_ARG_15(__VA_ARGS__)
#define Z_GET_ARG_17(a, ...) Z_GET_ARG_16(__VA_ARGS__)
#define Z_GET_ARG_18(a, ...) Z_GET_ARG_17(__VA_ARGS__)
#define Z_GET_ARG_19(a, ...) Z_GET_ARG_18(__VA_ARGS__)
#define Z_GET_ARG_20(a, ...) Z_GET_ARG_19(__VA_ARGS__)
#define Z_GET_ARG_21(a, ...) Z_GET_ARG_20(__VA_ARGS__)
#define Z_GET_ARG_22(a, ...) Z_GET_ARG_21(__VA_ARGS__)
#define Z_GET_ARG_23(a, ...) Z_GET_ARG_22(__VA_ARGS__)
#define Z_GET_ARG_24(a, ...) Z_GET_ARG_23(__VA_ARGS__)
#define Z_GET_ARG_25(a, ...) Z_GET_ARG_24(__VA_ARGS__)
#define Z_GET_ARG_26(a, ...) Z_GET_ARG_25(__VA_ARGS__)
#define Z_GET_ARG_27(a, ...) Z_GET_ARG_26(__VA_ARGS__)
#define Z_GET_ARG_28(a, ...) Z_GET_ARG_27(__VA_ARGS__)
#define Z_GET_ARG_29(a, ...) Z_GET_ARG_28(__VA_ARGS__)
#define Z_GET_ARG_30(a, ...) Z_GET_ARG_29(__VA_ARGS__)
#define Z_GET_ARG_31(a, ...) Z_GET_ARG_30(__VA_ARGS__)
#define Z_GET_ARG_32(a, ...) Z_GET_ARG_31(__VA_ARGS__)
#define Z_GET_ARG_33(a, ...) Z_GET_ARG_32(__VA_ARGS__)
#define Z_GET_ARG_34(a, ...) Z_GET_ARG_33(__VA_ARGS__)
#define Z_GET_ARG_35(a, ...) Z_GET_ARG_34(__VA_ARGS__)
#define Z_GET_ARG_36(a, ...) Z_GET_ARG_35(__VA_ARGS__)
#define Z_GET_ARG_37(a, ...) Z_GET_ARG_36(__VA_ARGS__)
#define Z_GET_ARG_38(a, ...) Z_GET_ARG_37(__VA_ARGS__)
#define Z_GET_ARG_39(a, ...) Z_GET_ARG_38(__VA_ARGS__)
#define Z_GET_ARG_40(a, ...) Z_GET_ARG_39(__VA_ARGS__)
#define Z_GET_ARG_41(a, ...) Z_GET_ARG_40(__VA_ARGS__)
#define Z_GET_ARG_42(a, ...) Z_GET_ARG_41(__VA_ARGS__)
#define Z_GET_ARG_43(a, ...) Z_GET_ARG_42(__VA_ARGS__)
#define Z_GET_ARG_44(a, ...) Z_GET_ARG_43(__VA_ARGS__)
#define Z_GET_ARG_45(a, ...) Z_GET_ARG_44(__VA_ARGS__)
#define Z_GET_ARG_46(a, ...) Z_GET_ARG_45(__VA_ARGS__)
#define Z_GET_ARG_47(a, ...) Z_GET_ARG_46(__VA_ARGS__)
#define Z_GET_ARG_48(a, ...) Z_GET_ARG_47(__VA_ARGS__)
#define Z_GET_ARG_49(a, ...) Z_GET_ARG_48(__VA_ARGS__)
#define Z_GET_ARG_50(a, ...) Z_GET_ARG_49(__VA_ARGS__)
#define Z_GET_ARG_51(a, ...) Z_GET_ARG_50(__VA_ARGS__)
#define Z_GET_ARG_52(a, ...) Z_GET_ARG_51(__VA_ARGS__)
#define Z_GET_ARG_53(a, ...) Z_GET_ARG_52(__VA_ARGS__)
#define Z_GET_ARG_54(a, ...) Z_GET_ARG_53(__VA_ARGS__)
#define Z_GET_ARG_55(a, ...) Z_GET_ARG_54(__VA_ARGS__)
#define Z_GET_ARG_56(a, ...) Z_GET_ARG_55(__VA_ARGS__)
#define Z_GET_ARG_57(a, ...) Z_GET_ARG_56(__VA_ARGS__)
#define Z_GET_ARG_58(a, ...) Z_GET_ARG_57(__VA_ARGS__)
#define Z_GET_ARG_59(a, ...) Z_GET_ARG_58(__VA_ARGS__)
#define Z_GET_ARG_60(a, ...) Z_GET_ARG_59(__VA_ARGS__)
#define Z_GET_ARG_61(a, ...) Z_GET_ARG_60(__VA_ARGS__)
#define Z_GET_ARG_62(a, ...) Z_GET_ARG_61(__VA_ARGS__)
#define Z_GET_ARG_63(a, ...) Z_GET_ARG_62(__VA_ARGS__)
#define Z_GET_ARG_64(a, ...) Z_GET_ARG_63(__VA_ARGS__)
#define Z_DROP_2(a, ...) Z_DROP_1(__VA_ARGS__)
#define Z_DROP_3(a, ...) Z_DROP_2(__VA_ARGS__)
#define Z_DROP_4(a, ...) Z_DROP_3(__VA_ARGS__)
#define Z_DROP_5(a, ...) Z_DROP_4(__VA_ARGS__)
#define Z_DROP_6(a, ...) Z_DROP_5(__VA_ARGS__)
#define Z_DROP_7(a, ...) Z_DROP_6(__VA_ARGS__)
#define Z_DROP_8(a, ...) Z_DROP_7(__VA_ARGS__)
#define Z_DROP_9(a, ...) Z_DROP_8(__VA_ARGS__)
#define Z_DROP_10(a, ...) Z_DROP_9(__VA_ARGS__)
#define Z_DROP_11(a, ...) Z_DROP_10(__VA_ARGS__)
#define Z_DROP_12(a, ...) Z_DROP_11(__VA_ARGS__)
#define Z_DROP_13(a, ...) Z_DROP_12(__VA_ARGS__)
#define Z_DROP_14(a, ...) Z_DROP_13(__VA_ARGS__)
#define Z_DROP_15(a, ...) Z_DROP_14(__VA_ARGS__)
#define Z_DROP_16(a, ...) Z_DROP_15(__VA_ARGS__)
#define Z_DROP_17(a, ...) Z_DROP_16(__VA_ARGS__)
#define Z_DROP_18(a, ...) Z_DROP_17(__VA_ARGS__)
#define Z_DROP_19(a, ...) Z_DROP_18(__VA_ARGS__)
#define Z_DROP_20(a, ...) Z_DROP_19(__VA_ARGS__)
#define Z_DROP_21(a, ...) Z_DROP_20(__VA_ARGS__)
#define Z_DROP_22(a, ...) Z_DROP_21(__VA_ARGS__)
#define Z_DROP_23(a, ...) Z_DROP_22(__VA_ARGS__)
#define Z_DROP_24(a, ...) Z_DROP_23(__VA_ARGS__)
#define Z_DROP_25(a, ...) Z_DROP_24(__VA_ARGS__)
#define Z_DROP_26(a, ...) Z_DROP_25(__VA_ARGS__)
#define Z_DROP_27(a, ...) Z_DROP_26(__VA_ARGS__)
#define Z_DROP_28(a, ...) Z_DROP_27(__VA_ARGS__)
#define Z_DROP_29(a, ...) Z_DROP_28(__VA_ARGS__)
#define Z_DROP_30(a, ...) Z_DROP_29(__VA_ARGS__)
#define Z_DROP_31(a, ...) Z_DROP_30(__VA_ARGS__)
#define Z_DROP_32(a, ...) Z_DROP_31(__VA_ARGS__)
#define Z_DROP_33(a, ...) Z_DROP_32(__VA_ARGS__)
#define Z_DROP_34(a, ...) Z_DROP_33(__VA_ARGS__)
#define Z_DROP_35(a, ...) Z_DROP_34(__VA_ARGS__)
#define Z_DROP_36(a, ...) Z_DROP_35(__VA_ARGS__)
#define Z_DROP_37(a, ...) Z_DROP_36(__VA_ARGS__)
#define Z_DROP_38(a, ...) Z_DROP_37(__VA_ARGS__)
#define Z_DROP_39(a, ...) Z_DROP_38(__VA_ARGS__)
#define Z_DROP_40(a, ...) Z_DROP_39(__VA_ARGS__)
#define Z_DROP_41(a, ...) Z_DROP_40(__VA_ARGS__)
#define Z_DROP_42(a, ...) Z_DROP_41(__VA_ARGS__)
#define Z_DROP_43(a, ...) Z_DROP_42(__VA_ARGS__)
#define Z_DROP_44(a, ...) Z_DROP_43(__VA_ARGS__)
#define Z_DROP_45(a, ...) Z_DROP_44(__VA_ARGS__)
#define Z_DROP_46(a, ...) Z_DROP_45(__VA_ARGS__)
#define Z_DROP_47(a, ...) Z_DROP_46(__VA_ARGS__)
#define Z_DROP_48(a, ...) Z_DROP_47(__VA_ARGS__)
#define Z_DROP_49(a, ...) Z_DROP_48(__VA_ARGS__)
#define Z_DROP_50(a, ...) Z_DROP_49(__VA_ARGS__)
#define Z_DROP_51(a, ...) Z_DROP_50(__VA_ARGS__)
#define Z_DROP_52(a, ...) Z_DROP_51(__VA_ARGS__)
#define Z_DROP_53(a, ...) Z_DROP_52(__VA_ARGS__)
#define Z_DROP_54(a, ...) Z_DROP_53(__VA_ARGS__)
#define Z_DROP_55(a, ...) Z_DROP_54(__VA_ARGS__)
#define Z_DROP_56(a, ...) Z_DROP_55(__VA_ARGS__)
#define Z_DROP_57(a, ...) Z_DROP_56(__VA_ARGS__)
#define Z_DROP_58(a, ...) Z_DROP_57(__VA_ARGS__)
#define Z_DROP_59(a, ...) Z_DROP_58(__VA_ARGS__)
#define Z_DROP_60(a, ...) Z_DROP_59(__VA_ARGS__)
#define Z_DROP_61(a, ...) Z_DROP_60(__VA_ARGS__)
#define Z_DROP_62(a, ...) Z_DROP_61(__VA_ARGS__)
#define Z_DROP_63(a, ...) Z_DROP_62(__VA_ARGS__)
#define Z_DROP_64(a, ...) Z_DROP_63(__VA_ARGS__)
#define Z_FIRST_2(a, ...) a, Z_FIRST_1(__VA_ARGS__)
#define Z_FIRST_3(a, ...) a, Z_FIRST_2(__VA_ARGS__)
#define Z_FIRST_4(a, ...) a, Z_FIRST_3(__VA_ARGS__)
#define Z_FIRST_5(a, ...) a, Z_FIRST_4(__VA_ARGS__)
#define Z_FIRST_6(a, ...) a, Z_FIRST_5(__VA_ARGS__)
#define Z_FIRST_7(a, ...) a, Z_FIRST_6(__VA_ARGS__)
#define Z_FIRST_8(a, ...) a, Z_FIRST_7(__VA_ARGS__)
#define Z_FIRST_9(a, ...) a, Z_FIRST_8(__VA_ARGS__)
#define Z_FIRST_10(a, ...) a, Z_FIRST_9(__VA_ARGS__)
#define Z_FIRST_11(a, ...) a, Z_FIRST_10(__VA_ARGS__)
#define Z_FIRST_12(a, ...) a, Z_FIRST_11(__VA_ARGS__)
#define Z_FIRST_13(a, ...) a, Z_FIRST_12(__VA_ARGS__)
#define Z_FIRST_14(a, ...) a, Z_FIRST_13(__VA_ARGS__)
#define Z_FIRST_15(a, ...) a, Z_FIRST_14(__VA_ARGS__)
#define Z_FIRST_16(a, ...) a, Z_FIRST_15(__VA_ARGS__)
#define Z_FIRST_17(a, ...) a, Z_FIRST_16(__VA_ARGS__)
#define Z_FIRST_18(a, ...) a, Z_FIRST_17(__VA_ARGS__)
#define Z_FIRST_19(a, ...) a, Z_FIRST_18(__VA_ARGS__)
#define Z_FIRST_20(a, ...) a, Z_FIRST_19(__VA_ARGS__)
#define Z_FIRST_21(a, ...) a, Z_FIRST_20(__VA_ARGS__)
#define Z_FIRST_22(a, ...) a, Z_FIRST_21(__VA_ARGS__)
#define Z_FIRST_23(a, ...) a, Z_FIRST_22(__VA_ARGS__)
#define Z_FIRST_24(a, ...) a, Z_FIRST_23(__VA_ARGS__)
#define Z_FIRST_25(a, ...) a, Z_FIRST_24(__VA_ARGS__)
#define Z_FIRST_26(a, ...) a, Z_FIRST_25(__VA_ARGS__)
#define Z_FIRST_27(a, ...) a, Z_FIRST_26(__VA_ARGS__)
#define Z_FIRST_28(a, ...) a, Z_FIRST_27(__VA_ARGS__)
#define Z_FIRST_29(a, ...) a, Z_FIRST_28(__VA_ARGS__)
#define Z_FIRST_30(a, ...) a, Z_FIRST_29(__VA_ARGS__)
#define Z_FIRST_31(a, ...) a, Z_FIRST_30(__VA_ARGS__)
#define Z_FIRST_32(a, ...) a, Z_FIRST_31(__VA_ARGS__)
#define Z_FIRST_33(a, ...) a, Z_FIRST_32(__VA_ARGS__)
#define Z_FIRST_34(a, ...) a, Z_FIRST_33(__VA_ARGS__)
#define Z_FIRST_35(a, ...) a, Z_FIRST_34(__VA_ARGS__)
#define Z_FIRST_36(a, ...) a, Z_FIRST_35(__VA_ARGS__)
#define Z_FIRST_37(a, ...) a, Z_FIRST_36(__VA_ARGS__)
#define Z_FIRST_38(a, ...) a, Z_FIRST_37(__VA_ARGS__)
#define Z_FIRST_39(a, ...) a, Z_FIRST_38(__VA_ARGS__)
#define Z_FIRST_40(a, ...) a, Z_FIRST_39(__VA_ARGS__)
#define Z_FIRST_41(a, ...) a, Z_FIRST_40(__VA_ARGS__)
#define Z_FIRST_42(a, ...) a, Z_FIRST_41(__VA_ARGS__)
#define Z_FIRST_43(a, ...) a, Z_FIRST_42(__VA_ARGS__)
#define Z_FIRST_44(a, ...) a, Z_FIRST_43(__VA_ARGS__)
#define Z_FIRST_45(a, ...) a, Z_FIRST_44(__VA_ARGS__)
#define Z_FIRST_46(a, ...) a, Z_FIRST_45(__VA_ARGS__)
#define Z_FIRST_47(a, ...) a, Z_FIRST_46(__VA_ARGS__)
#define Z_FIRST_48(a, ...) a, Z_FIRST_47(__VA_ARGS__)
#define Z_FIRST_49(a, ...) a, Z_FIRST_48(__VA_ARGS__)
#define Z_FIRST_50(a, ...) a, Z_FIRST_49(__VA_ARGS__)
#define Z_FIRST_51(a, ...) a, Z_FIRST_50(__VA_ARGS__)
#define Z_FIRST_52(a, ...) a, Z_FIRST_51(__VA_ARGS__)
#define Z_FIRST_53(a, ...) a, Z_FIRST_52(__VA_ARGS__)
#define Z_FIRST_54(a, ...) a, Z_FIRST_53(__VA_ARGS__)
#define Z_FIRST_55(a, ...) a, Z_FIRST_54(__VA_ARGS__)
#define Z_FIRST_56(a, ...) a, Z_FIRST_55(__VA_ARGS__)
#define Z_FIRST_57(a, ...) a, Z_FIRST_56(__VA_ARGS__)
#define Z_FIRST_58(a, ...) a, Z_FIRST_57(__VA_ARGS__)
#define Z_FIRST_59(a, ...) a, Z_FIRST_58(__VA_ARGS__)
#define Z_FIRST_60(a, ...) a, Z_FIRST_59(__VA_ARGS__)
#define Z_FIRST_61(a, ...) a, Z_FIRST_60(__VA_ARGS__)
#define Z_FIRST_62(a, ...) a, Z_FIRST_61(__VA_ARGS__)
#define Z_FIRST_63(a, ...) a, Z_FIRST_62(__VA_ARGS__)
#define Z_FIRST_64(a, ...) a, Z_FIRST_63(__VA_ARGS__)

/*
 * F for each argument, with what stands in "fixed" (in parentheses) behind it, its index in front of it where "call" says
 * so. A step takes one argument and hands the others on.
 */
#define FOR_EACH(F, sep, ...) Z_EACH(Z_CALL_PLAIN, F, sep, (), __VA_ARGS__)
#define FOR_EACH_IDX(F, sep, ...) Z_EACH(Z_CALL_INDEXED, F, sep, (), __VA_ARGS__)
#define FOR_EACH_FIXED_ARG(F, sep, fixed_arg, ...) Z_EACH(Z_CALL_FIXED, F, sep, (fixed_arg), __VA_ARGS__)
#define FOR_EACH_IDX_FIXED_ARG(F, sep, fixed_arg, ...) Z_EACH(Z_CALL_INDEXED_FIXED, F, sep, (fixed_arg), __VA_ARGS__)
#define FOR_EACH_NONEMPTY_TERM(F, term, ...) Z_EACH(Z_CALL_TERMINATED, F, (), term, __VA_ARGS__)
#define Z_CALL_PLAIN(F, index, arg, fixed) F(arg)
#define Z_CALL_INDEXED(F, index, arg, fixed) F(index, arg)
#define Z_CALL_FIXED(F, index, arg, fixed) F(arg, Z_BARE fixed)
#define Z_CALL_INDEXED_FIXED(F, index, arg, fixed) F(index, arg, Z_BARE fixed)
#define Z_CALL_TERMINATED(F, index, arg, term) Z_PASTE(Z_CALL_TERMINATED_, Z_IS_NOTHING(arg))(F, arg, term)
#define Z_CALL_TERMINATED_0(F, arg, term) F(arg) Z_BARE term
#define Z_CALL_TERMINATED_1(F, arg, term)

#define Z_EACH(call, F, sep, fixed, ...) Z_PASTE(Z_EACH_, NUM_VA_ARGS(__VA_ARGS__))(0, call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_0(i, call, F, sep, fixed, ...)
#define Z_EACH_1(i, call, F, sep, fixed, a) call(F, i, a, fixed)
#define Z_EACH_2(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_1(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_3(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_2(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_4(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_3(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_5(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_4(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_6(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_5(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_7(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_6(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_8(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_7(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_9(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_8(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_10(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_9(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_11(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_10(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_12(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_11(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_13(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_12(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_14(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_13(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_15(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_14(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_16(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_15(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_17(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_16(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_18(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_17(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_19(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_18(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_20(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_19(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_21(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_20(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_22(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_21(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_23(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_22(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_24(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_23(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_25(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_24(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_26(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_25(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_27(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_26(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_28(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_27(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_29(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_28(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_30(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_29(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_31(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_30(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_32(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_31(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_33(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_32(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_34(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_33(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_35(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_34(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_36(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_35(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_37(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_36(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_38(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_37(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_39(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_38(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_40(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_39(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_41(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_40(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_42(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_41(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_43(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_42(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_44(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_43(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_45(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_44(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_46(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_45(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_47(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_46(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_48(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_47(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_49(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_48(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_50(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_49(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_51(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_50(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_52(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_51(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_53(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_52(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_54(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_53(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_55(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_54(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_56(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_55(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_57(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_56(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_58(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_57(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_59(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_58(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_60(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_59(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_61(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_60(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_62(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_61(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_63(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_62(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)
#define Z_EACH_64(i, call, F, sep, fixed, a, ...) call(F, i, a, fixed) Z_BARE sep Z_EACH_63(Z_NEXT(i), call, F, sep, fixed, __VA_ARGS__)

#define Z_NEXT(i) Z_PASTE(Z_NEXT_, i)
#define Z_NEXT_0 1
#define Z_NEXT_1 2
#define Z_NEXT_2 3
#define Z_NEXT_3 4
#define Z_NEXT_4 5
#define Z_NEXT_5 6
#define Z_NEXT_6 7
#define Z_NEXT_7 8
#define Z_NEXT_8 9
#define Z_NEXT_9 10
#define Z_NEXT_10 11
#define Z_NEXT_11 12
#define Z_NEXT_12 13
#define Z_NEXT_13 14
#define Z_NEXT_14 15
#define Z_NEXT_15 16
#define Z_NEXT_16 17
#define Z_NEXT_17 18
#define Z_NEXT_18 19
#define Z_NEXT_19 20
#define Z_NEXT_20 21
#define Z_NEXT_21 22
#define Z_NEXT_22 23
#define Z_NEXT_23 24
#define Z_NEXT_24 25
#define Z_NEXT_25 26
#define Z_NEXT_26 27
#define Z_NEXT_27 28
#define Z_NEXT_28 29
#define Z_NEXT_29 30
#define Z_NEXT_30 31
#define Z_NEXT_31 32
#define Z_NEXT_32 33
#define Z_NEXT_33 34
#define Z_NEXT_34 35
#define Z_NEXT_35 36
#define Z_NEXT_36 37
#define Z_NEXT_37 38
#define Z_NEXT_38 39
#define Z_NEXT_39 40
#define Z_NEXT_40 41
#define Z_NEXT_41 42
#define Z_NEXT_42 43
#define Z_NEXT_43 44
#define Z_NEXT_44 45
#define Z_NEXT_45 46
#define Z_NEXT_46 47
#define Z_NEXT_47 48
#define Z_NEXT_48 49
#define Z_NEXT_49 50
#define Z_NEXT_50 51
#define Z_NEXT_51 52
#define Z_NEXT_52 53
#define Z_NEXT_53 54
#define Z_NEXT_54 55
#define Z_NEXT_55 56
#define Z_NEXT_56 57
#define Z_NEXT_57 58
#define Z_NEXT_58 59
#define Z_NEXT_59 60
#define Z_NEXT_60 61
#define Z_NEXT_61 62
#define Z_NEXT_62 63
#define Z_NEXT_63 64

#endif /* ZEPHYR_INCLUDE_SYS_UTIL_LOOPS_H_ */
