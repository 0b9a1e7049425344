/*
 * A library that is loaded before libc and writes down what a process does to the files of one folder:
 * what a disk needs to know to end up in any of the states that a power failure may leave.
 *
 *   RECORD_MATCH  a file or folder counts when its path contains this
 *   RECORD_TO     the record
 *
 * A record is a line, after W and M followed by that many bytes:
 *   N inode path   a name was made     U path            removed         R from TAB to  renamed
 *   W inode offset length              T inode size      truncated       S inode        flushed
 *   D              the folder's names were flushed       M length        the process said something on stdout
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("RECORD_TO");
  if (path != NULL) record = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void put(const void *bytes, size_t size) {
  for (const char *at = bytes; size > 0;) {
    ssize_t done = syscall(SYS_write, record, at, size);
    if (done <= 0) abort();
    at += done;
    size -= (size_t)done;
  }
}

static void note(const void *bytes, size_t size, const char *format, ...) {
  char line[8400];
  va_list rest;
  va_start(rest, format);
  int length = vsnprintf(line, sizeof line, format, rest);
  va_end(rest);
  put(line, (size_t)length);
  if (size > 0) put(bytes, size);
}

static int matches(const char *path) {
  const char *match = getenv("RECORD_MATCH");
  return record >= 0 && match != NULL && strstr(path, match) != NULL;
}

static int of_interest(int fd, struct stat *what) {
  char link[64], path[4096];
  int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  int found = length >= 0 && fstat(fd, what) == 0;
  errno = saved;
  if (!found) return 0;
  path[length] = 0;
  return matches(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define NOTING(...) do { int kept = errno; note(__VA_ARGS__); errno = kept; } while (0)
#define ALONE(body) do { pthread_mutex_lock(&lock); body; pthread_mutex_unlock(&lock); } while (0)

ssize_t write(int fd, const void *bytes, size_t size) {
  struct stat what;
  ssize_t done;
  if (record >= 0 && fd == 1) {
    ALONE(done = REAL(write)(fd, bytes, size); if (done > 0) NOTING(bytes, (size_t)done, "M %zd\n", done));
    return done;
  }
  if (!of_interest(fd, &what)) return REAL(write)(fd, bytes, size);
  ALONE(off_t at = lseek(fd, 0, SEEK_CUR); done = REAL(write)(fd, bytes, size);
        if (done > 0) NOTING(bytes, (size_t)done, "W %llu %lld %zd\n", (unsigned long long)what.st_ino, (long long)at, done));
  return done;
}

#define POSITIONED(name, offset)                                                                       \
  ssize_t name(int fd, const void *bytes, size_t size, offset at) {                                    \
    struct stat what;                                                                                  \
    ssize_t done;                                                                                      \
    if (!of_interest(fd, &what)) return REAL(name)(fd, bytes, size, at);                               \
    ALONE(done = REAL(name)(fd, bytes, size, at);                                                      \
          if (done > 0) NOTING(bytes, (size_t)done, "W %llu %lld %zd\n", (unsigned long long)what.st_ino, (long long)at, done)); \
    return done;                                                                                       \
  }
POSITIONED(pwrite, off_t)
POSITIONED(pwrite64, off64_t)

#define FLUSHING(name)                                                                                 \
  int name(int fd) {                                                                                   \
    struct stat what;                                                                                  \
    int done;                                                                                          \
    if (!of_interest(fd, &what)) return REAL(name)(fd);                                                \
    ALONE(done = REAL(name)(fd);                                                                       \
          if (done == 0 && S_ISDIR(what.st_mode)) NOTING("", 0, "D\n");                                \
          else if (done == 0) NOTING("", 0, "S %llu\n", (unsigned long long)what.st_ino));             \
    return done;                                                                                       \
  }
FLUSHING(fsync)
FLUSHING(fdatasync)

#define TRUNCATING(name, offset)                                                                       \
  int name(int fd, offset size) {                                                                      \
    struct stat what;                                                                                  \
    int done;                                                                                          \
    if (!of_interest(fd, &what)) return REAL(name)(fd, size);                                          \
    ALONE(done = REAL(name)(fd, size);                                                                 \
          if (done == 0) NOTING("", 0, "T %llu %lld\n", (unsigned long long)what.st_ino, (long long)size)); \
    return done;                                                                                       \
  }
TRUNCATING(ftruncate, off_t)
TRUNCATING(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
  int done;
  if (!matches(to)) return REAL(rename)(from, to);
  ALONE(done = REAL(rename)(from, to); if (done == 0) NOTING("", 0, "R %s\t%s\n", from, to));
  return done;
}

int unlink(const char *path) {
  int done;
  if (!matches(path)) return REAL(unlink)(path);
  ALONE(done = REAL(unlink)(path); if (done == 0) NOTING("", 0, "U %s\n", path));
  return done;
}

#define OPENING(name)                                                                                  \
  int name(const char *path, int flags, ...) {                                                         \
    va_list rest;                                                                                      \
    va_start(rest, flags);                                                                             \
    int mode = va_arg(rest, int);                                                                      \
    va_end(rest);                                                                                      \
    if (!matches(path) || (flags & O_CREAT) == 0) return REAL(name)(path, flags, mode);                \
    int fd;                                                                                            \
    ALONE(int saved = errno; int made = access(path, F_OK) != 0; errno = saved;                        \
          fd = REAL(name)(path, flags, mode); struct stat what;                                        \
          if (fd >= 0 && made && fstat(fd, &what) == 0)                                                \
            NOTING("", 0, "N %llu %s\n", (unsigned long long)what.st_ino, path));                      \
    return fd;                                                                                         \
  }
OPENING(open)
OPENING(open64)
