//go:build unix

package source

import (
	"io/fs"
	"syscall"
)

// read is Read with plain system calls: open, fstat, read, close.
func read(path string, buf []byte, limit int64) ([]byte, error) {
	// Without O_NONBLOCK a pipe would be waited for here, and then again.
	fd, err := again(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	})
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if _, err := again(func() (int, error) { return 0, syscall.Fstat(fd, &st) }); err != nil {
		return nil, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return readSlowly(path, buf, limit)
	}
	if st.Size > limit {
		return nil, &SizeError{path, st.Size, limit}
	}
	data := buf[:0]
	if int64(cap(data)) <= st.Size {
		data = make([]byte, 0, st.Size+1)
	}
	for {
		if len(data) == cap(data) { // it has grown
			data = append(data, 0)[:len(data)]
		}
		room := data[len(data):cap(data)]
		n, err := again(func() (int, error) { return syscall.Read(fd, room) })
		if err != nil {
			return nil, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		data = data[:len(data)+n]
		if int64(len(data)) > limit {
			return nil, &SizeError{path, int64(len(data)), limit}
		}
		// A regular file gives less than there is room for only at its end; a
		// file of /proc, whose size is 0, may give a piece.
		if n == 0 || n < len(room) && int64(len(data)) >= st.Size && st.Size > 0 {
			return data, nil
		}
	}
}

// again repeats a call that a signal interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != syscall.EINTR {
			return n, err
		}
	}
}
