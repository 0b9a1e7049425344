/*
 * A library that is loaded before libc and makes one system call on one file fail, or kills the process there.
 *
 *   FAULT_MATCH  a file or folder counts when its path contains this
 *   FAULT_CALL   write, sync, truncate, rename, unlink, open, close or map; "any" is all of those that change
 *                something on disk: write, sync, truncate, rename, unlink, and open where it creates a file
 *   FAULT_AT     which call of that kind fails, from 1; 0 is none
 *   FAULT_HOW    an errno; "short": half of the bytes are written, and the next write finds the disk full;
 *                "kill": SIGKILL before the call; "half": the same, but a write writes half of its bytes first
 *   FAULT_ONCE   set: only that call fails; otherwise all later ones of that kind as well
 *   FAULT_LOG    at the end the number of calls of that kind is written to this file
 *
 * Failing means that the call is not made, except that close does close. Calls are counted over all threads.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int calls;

enum verdict { PASS, FAIL, SHORT, HALF };

static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value == NULL ? "" : value;
}

static int counts(const char *call) {
  const char *wanted = setting("FAULT_CALL");
  if (strcmp(wanted, "any") != 0) return strcmp(wanted, call) == 0;
  return strcmp(call, "open") != 0 && strcmp(call, "close") != 0 && strcmp(call, "map") != 0;
}

static enum verdict judge(const char *call, const char *path) {
  if (!counts(call)) return PASS;
  const char *match = setting("FAULT_MATCH");
  if (*match == 0 || strstr(path, match) == NULL) return PASS;
  int number = __sync_add_and_fetch(&calls, 1);
  int at = atoi(setting("FAULT_AT"));
  if (at == 0 || number < at) return PASS;
  const char *how = setting("FAULT_HOW");
  if (strcmp(how, "half") == 0 && strcmp(call, "write") == 0) return HALF;
  if (strcmp(how, "half") == 0 || strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
  int brief = strcmp(how, "short") == 0;
  if (number > at && *setting("FAULT_ONCE") != 0 && !(brief && number == at + 1)) return PASS;
  if (brief && number == at) return SHORT;
  errno = brief ? ENOSPC : atoi(how);
  return FAIL;
}

static enum verdict judge_fd(const char *call, int fd) {
  char link[64], path[4096];
  int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (length < 0) return PASS;
  path[length] = 0;
  return judge(call, path);
}

__attribute__((destructor)) static void report(void) {
  const char *log = setting("FAULT_LOG");
  FILE *file = *log == 0 ? NULL : fopen(log, "w");
  if (file == NULL) return;
  fprintf(file, "%d\n", calls);
  fclose(file);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Writes as much as the verdict says; HALF is the last thing that the process does. */
#define WRITING(v, size, call)                                            \
  if (v == FAIL) return -1;                                               \
  size_t length = v == PASS ? size : size / 2;                            \
  ssize_t written = call;                                                 \
  if (v == HALF) kill(getpid(), SIGKILL);                                 \
  return written;

ssize_t write(int fd, const void *bytes, size_t size) {
  enum verdict v = judge_fd("write", fd);
  WRITING(v, size, REAL(write)(fd, bytes, length))
}

#define POSITIONED(name, offset)                                          \
  ssize_t name(int fd, const void *bytes, size_t size, offset at) {       \
    enum verdict v = judge_fd("write", fd);                               \
    WRITING(v, size, REAL(name)(fd, bytes, length, at))                   \
  }
POSITIONED(pwrite, off_t)
POSITIONED(pwrite64, off64_t)

int fsync(int fd) { return judge_fd("sync", fd) == FAIL ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return judge_fd("sync", fd) == FAIL ? -1 : REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t size) {
  return judge_fd("truncate", fd) == FAIL ? -1 : REAL(ftruncate)(fd, size);
}
int ftruncate64(int fd, off64_t size) {
  return judge_fd("truncate", fd) == FAIL ? -1 : REAL(ftruncate64)(fd, size);
}
int rename(const char *from, const char *to) {
  return judge("rename", to) == FAIL ? -1 : REAL(rename)(from, to);
}
int unlink(const char *path) { return judge("unlink", path) == FAIL ? -1 : REAL(unlink)(path); }

int close(int fd) {
  enum verdict v = judge_fd("close", fd);
  int error = errno;
  int closed = (int)syscall(SYS_close, fd);
  if (v != FAIL) return closed;
  errno = error;
  return -1;
}

/* Not through dlsym, which itself may map memory. */
#define MAPPING(name, offset)                                             \
  void *name(void *at, size_t size, int protection, int flags, int fd, offset from) { \
    if (fd >= 0 && judge_fd("map", fd) == FAIL) return (void *)-1;        \
    return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, from); \
  }
MAPPING(mmap, off_t)
MAPPING(mmap64, off64_t)

static enum verdict judge_open(const char *path, int flags) {
  enum verdict v = judge("open", path);
  int makes = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
  return v == PASS && makes ? judge("make", path) : v;
}

#define OPENING(name)                                                     \
  int name(const char *path, int flags, ...) {                            \
    va_list rest;                                                         \
    va_start(rest, flags);                                                \
    int mode = va_arg(rest, int);                                         \
    va_end(rest);                                                         \
    int saved = errno;                                                    \
    if (judge_open(path, flags) == FAIL) return -1;                       \
    errno = saved;                                                        \
    return REAL(name)(path, flags, mode);                                 \
  }
OPENING(open)
OPENING(open64)
