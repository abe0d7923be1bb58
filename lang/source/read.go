package source

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

// SizeError says that a file has more bytes than its reader is willing to take.
type SizeError struct {
	Path        string
	Size, Limit int64 // in bytes
}

// Error implements error.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%s is %d bytes long, over the limit of %d", e.Path, e.Size, e.Limit)
}

// Read gives the bytes of the file at path. It reads into buf if that has room,
// which may be nil; the result then shares its memory. A folder and anything
// else that is no regular file, pipe or character device is an *fs.PathError, a
// file of more than limit bytes a *SizeError.
//
// Go's own way registers each file with the network poller and costs three times
// the system calls, which shows where a thousand small files are read.
func Read(path string, buf []byte, limit int64) ([]byte, error) {
	return read(path, buf, limit)
}

// readSlowly is Read by means of package os: for systems without the quick way
// and for what is no regular file.
func readSlowly(path string, buf []byte, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := acceptable(path, info); err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() && info.Size() > limit {
		return nil, &SizeError{path, info.Size(), limit}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := buf[:0]
	for int64(len(data)) <= limit {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, &SizeError{path, int64(len(data)), limit}
}

func acceptable(path string, info fs.FileInfo) error {
	mode := info.Mode()
	switch {
	case mode.IsDir():
		return &fs.PathError{Op: "read", Path: path, Err: errIsFolder}
	case mode.IsRegular(), mode&fs.ModeNamedPipe != 0, mode&fs.ModeCharDevice != 0:
		return nil
	}
	return &fs.PathError{Op: "read", Path: path, Err: errNotRegular}
}

type readError string

func (e readError) Error() string { return string(e) }

const (
	errIsFolder   = readError("is a directory")
	errNotRegular = readError("is not a regular file")
)
