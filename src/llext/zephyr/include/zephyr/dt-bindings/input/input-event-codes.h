/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes of keys, for zephyr,code in devicetree. The numbers are those of Linux's input events.
 */
#ifndef ZEPHYR_INCLUDE_DT_BINDINGS_INPUT_INPUT_EVENT_CODES_H_
#define ZEPHYR_INCLUDE_DT_BINDINGS_INPUT_INPUT_EVENT_CODES_H_

#define INPUT_EV_KEY 0x01
#define INPUT_EV_REL 0x02
#define INPUT_EV_ABS 0x03

#define INPUT_KEY_0 11
#define INPUT_KEY_1 2
#define INPUT_KEY_2 3
#define INPUT_KEY_3 4
#define INPUT_KEY_4 5
#define INPUT_KEY_5 6
#define INPUT_KEY_6 7
#define INPUT_KEY_7 8
#define INPUT_KEY_8 9
#define INPUT_KEY_9 10
#define INPUT_KEY_A 30
#define INPUT_KEY_B 48
#define INPUT_KEY_C 46
#define INPUT_KEY_D 32
#define INPUT_KEY_E 18
#define INPUT_KEY_F 33
#define INPUT_KEY_G 34
#define INPUT_KEY_H 35
#define INPUT_KEY_I 23
#define INPUT_KEY_J 36
#define INPUT_KEY_K 37
#define INPUT_KEY_L 38
#define INPUT_KEY_M 50
#define INPUT_KEY_N 49
#define INPUT_KEY_O 24
#define INPUT_KEY_P 25
#define INPUT_KEY_Q 16
#define INPUT_KEY_R 19
#define INPUT_KEY_S 31
#define INPUT_KEY_T 20
#define INPUT_KEY_U 22
#define INPUT_KEY_V 47
#define INPUT_KEY_W 17
#define INPUT_KEY_X 45
#define INPUT_KEY_Y 21
#define INPUT_KEY_Z 44
#define INPUT_KEY_ESC 1
#define INPUT_KEY_BACKSPACE 14
#define INPUT_KEY_TAB 15
#define INPUT_KEY_ENTER 28
#define INPUT_KEY_SPACE 57
#define INPUT_KEY_HOME 102
#define INPUT_KEY_UP 103
#define INPUT_KEY_PAGEUP 104
#define INPUT_KEY_LEFT 105
#define INPUT_KEY_RIGHT 106
#define INPUT_KEY_END 107
#define INPUT_KEY_DOWN 108
#define INPUT_KEY_PAGEDOWN 109
#define INPUT_KEY_MUTE 113
#define INPUT_KEY_VOLUMEDOWN 114
#define INPUT_KEY_VOLUMEUP 115
#define INPUT_KEY_POWER 116
#define INPUT_KEY_MENU 139
#define INPUT_KEY_SLEEP 142
#define INPUT_KEY_WAKEUP 143
#define INPUT_KEY_BACK 158
#define INPUT_KEY_PLAYPAUSE 164
#define INPUT_KEY_F1 59
#define INPUT_KEY_F2 60
#define INPUT_KEY_F3 61
#define INPUT_KEY_F4 62
#define INPUT_KEY_F5 63
#define INPUT_KEY_F6 64
#define INPUT_KEY_F7 65
#define INPUT_KEY_F8 66
#define INPUT_KEY_F9 67
#define INPUT_KEY_F10 68
#define INPUT_KEY_F11 87
#define INPUT_KEY_F12 88

#endif /* ZEPHYR_INCLUDE_DT_BINDINGS_INPUT_INPUT_EVENT_CODES_H_ */
