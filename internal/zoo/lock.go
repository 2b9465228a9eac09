package zoo

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lock waits until nobody else, in this process or another, has the file locked. It
// makes the file where there is none; release unlocks and leaves it.
func lock(ctx context.Context, path string, waiting func()) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, onDisk(err)
	}
	for told := false; ; told = true {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(onDisk(&os.PathError{Op: "lock", Path: path, Err: err}), file.Close())
		}
		if !told && waiting != nil {
			waiting()
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), file.Close())
		}
	}
}
