/* SPDX-License-Identifier: Apache-2.0
 *
 * Error numbers in words (C11 7.24.6.2). What is no error has no words.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

struct text {
	unsigned char number;
	char words[35];
};

/* No pointers, which would have to be linked each time a board is powered on. */
#define TEXT(number, words) {number, words}
static const struct text texts[] = {
	TEXT(0, "Success"),
	TEXT(EPERM, "Operation not permitted"),
	TEXT(ENOENT, "No such file or directory"),
	TEXT(ESRCH, "No such process"),
	TEXT(EINTR, "Interrupted"),
	TEXT(EIO, "Input or output error"),
	TEXT(ENXIO, "No such device or address"),
	TEXT(E2BIG, "Too many arguments"),
	TEXT(ENOEXEC, "Not executable"),
	TEXT(EBADF, "Bad file descriptor"),
	TEXT(ECHILD, "No children"),
	TEXT(EAGAIN, "Try again"),
	TEXT(ENOMEM, "Out of memory"),
	TEXT(EACCES, "Permission denied"),
	TEXT(EFAULT, "Bad address"),
	TEXT(ENOTBLK, "Block device required"),
	TEXT(EBUSY, "Busy"),
	TEXT(EEXIST, "Exists already"),
	TEXT(EXDEV, "Link across devices"),
	TEXT(ENODEV, "No such device"),
	TEXT(ENOTDIR, "Not a directory"),
	TEXT(EISDIR, "Is a directory"),
	TEXT(EINVAL, "Invalid argument"),
	TEXT(ENFILE, "Too many open files in the system"),
	TEXT(EMFILE, "Too many open files"),
	TEXT(ENOTTY, "Inappropriate control operation"),
	TEXT(ETXTBSY, "Text file busy"),
	TEXT(EFBIG, "File too large"),
	TEXT(ENOSPC, "No space left"),
	TEXT(ESPIPE, "Invalid seek"),
	TEXT(EROFS, "Read-only file system"),
	TEXT(EMLINK, "Too many links"),
	TEXT(EPIPE, "Broken pipe"),
	TEXT(EDOM, "Argument out of domain"),
	TEXT(ERANGE, "Result out of range"),
	TEXT(ENOMSG, "No message of the type wanted"),
	TEXT(EDEADLK, "Deadlock"),
	TEXT(ENOLCK, "No locks available"),
	TEXT(ENOSTR, "Not a stream"),
	TEXT(ENODATA, "No data"),
	TEXT(ETIME, "Timer expired"),
	TEXT(ENOSR, "Out of streams"),
	TEXT(EPROTO, "Protocol error"),
	TEXT(EBADMSG, "Bad message"),
	TEXT(ENOSYS, "Not implemented"),
	TEXT(ENOTEMPTY, "Directory not empty"),
	TEXT(ENAMETOOLONG, "Name too long"),
	TEXT(ELOOP, "Too many symbolic links"),
	TEXT(EOPNOTSUPP, "Operation not supported on socket"),
	TEXT(EPFNOSUPPORT, "Protocol family not supported"),
	TEXT(ECONNRESET, "Connection reset"),
	TEXT(ENOBUFS, "No buffer space"),
	TEXT(EAFNOSUPPORT, "Address family not supported"),
	TEXT(EPROTOTYPE, "Wrong protocol type for socket"),
	TEXT(ENOTSOCK, "Not a socket"),
	TEXT(ENOPROTOOPT, "Protocol not available"),
	TEXT(ESHUTDOWN, "Shut down"),
	TEXT(ECONNREFUSED, "Connection refused"),
	TEXT(EADDRINUSE, "Address in use"),
	TEXT(ECONNABORTED, "Connection aborted"),
	TEXT(ENETUNREACH, "Network unreachable"),
	TEXT(ENETDOWN, "Network down"),
	TEXT(ETIMEDOUT, "Timed out"),
	TEXT(EHOSTDOWN, "Host down"),
	TEXT(EHOSTUNREACH, "Host unreachable"),
	TEXT(EINPROGRESS, "In progress"),
	TEXT(EALREADY, "Already in progress"),
	TEXT(EDESTADDRREQ, "Destination address required"),
	TEXT(EMSGSIZE, "Message too long"),
	TEXT(EPROTONOSUPPORT, "Protocol not supported"),
	TEXT(ESOCKTNOSUPPORT, "Socket type not supported"),
	TEXT(EADDRNOTAVAIL, "Address not available"),
	TEXT(ENETRESET, "Connection aborted by network"),
	TEXT(EISCONN, "Connected already"),
	TEXT(ENOTCONN, "Not connected"),
	TEXT(ETOOMANYREFS, "Too many references"),
	TEXT(ENOTSUP, "Not supported"),
	TEXT(EILSEQ, "Illegal byte sequence"),
	TEXT(EOVERFLOW, "Value too large"),
	TEXT(ECANCELED, "Cancelled"),
};

char *strerror(int number)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].number == number) {
			return (char *)(uintptr_t)texts[i].words;
		}
	}
	return (char *)(uintptr_t)"";
}

/* Words that are cut are an error too. */
int strerror_r(int number, char *text, size_t size)
{
	const char *words = strerror(number);

	if (*words == '\0') {
		if (size > 0) {
			*text = '\0';
		}
		return EINVAL;
	}
	return strlcpy(text, words, size) < size ? 0 : ERANGE;
}
