package zoo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/sampanml/sampan"
)

// download brings a file of known size and checksum to a path on disk.
type download struct {
	from     *url.URL
	to       string
	size     int64
	sum      string
	progress func(done, total int64)
	// pause is before the first repetition; it doubles up to 32 times itself.
	pause time.Duration
}

const (
	// fruitless is how many attempts in sequence may bring nothing.
	fruitless = 5
	// attempts bounds those that bring something.
	attempts = 1000
)

// run goes on where an earlier run ended, and leaves what it has for a later one. A file
// that is not what was promised is removed; after a resumption it is asked for once
// more from its beginning, since the two parts may be of different files.
func (d *download) run(ctx context.Context) error {
	resumed, err := d.once(ctx)
	if resumed && errors.Is(err, errOther) {
		_, err = d.once(ctx)
	}
	return err
}

// errOther says that what came is not what was promised.
var errOther = errors.New("this is not the file of the index")

func (d *download) once(ctx context.Context) (resumed bool, err error) {
	if resumed, err = d.fill(ctx); err == nil {
		err = d.verify()
	}
	if errors.Is(err, errOther) {
		err = errors.Join(err, os.Remove(d.to))
	}
	return resumed, err
}

// other is errOther with what is wrong.
func (d *download) other(format string, args ...any) error {
	return sampan.Errorf(sampan.FailedPrecondition, "%s: %w: "+format, append([]any{d.from.Redacted(), errOther}, args...)...)
}

// fill downloads until the file has its size, and reports whether it had a beginning.
func (d *download) fill(ctx context.Context) (resumed bool, err error) {
	file, err := os.OpenFile(d.to, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return false, onDisk(err)
	}
	defer func() {
		if closed := errors.Join(file.Sync(), file.Close()); err == nil && closed != nil {
			err = onDisk(closed)
		}
	}()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return false, onDisk(err)
	}
	if have > d.size {
		if have, err = 0, file.Truncate(0); err != nil {
			return false, onDisk(err)
		}
	}
	resumed = have > 0
	idle, pause := 0, d.pause
	for attempt := 0; have < d.size; attempt++ {
		before := have
		have, err = d.fetch(ctx, file, have)
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil:
			return resumed, d.stopped(ctx, have)
		case sampan.CodeOf(err) != sampan.Unavailable || attempt == attempts:
			return resumed, err
		}
		if idle++; have > before {
			idle, pause = 0, d.pause
		}
		if idle == fruitless {
			return resumed, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return resumed, d.stopped(ctx, have)
		}
		pause = min(2*pause, 32*d.pause)
	}
	return resumed, nil
}

// stopped is the end of ctx.
func (d *download) stopped(ctx context.Context, have int64) error {
	return sampan.Errorf(sampan.CodeOf(ctx.Err()), "%s: stopped after %d of %d bytes, where the next time goes on: %w", d.from.Redacted(), have, d.size, ctx.Err())
}

// fetch appends one answer of the server to the first have bytes of the file.
func (d *download) fetch(ctx context.Context, file *os.File, have int64) (int64, error) {
	body, err := get(ctx, d.from, have)
	if errors.Is(err, errNoRange) {
		return have, d.other("it has less than %d bytes", have)
	}
	if err != nil {
		return have, err
	}
	defer body.Close()
	if body.size >= 0 && body.size != d.size {
		return have, d.other("it has %d bytes, want %d", body.size, d.size)
	}
	if body.start != have {
		if err := file.Truncate(body.start); err != nil {
			return have, onDisk(err)
		}
		have = body.start
	}
	buffer := make([]byte, 256<<10)
	for {
		n, err := body.Read(buffer)
		if int64(n) > d.size-have {
			return have, d.other("it has more than %d bytes", d.size)
		}
		if _, err := file.WriteAt(buffer[:n], have); err != nil {
			return have, onDisk(err)
		}
		have += int64(n)
		if n > 0 && d.progress != nil {
			d.progress(have, d.size)
		}
		if have == d.size {
			return have, nil
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return have, sampan.Errorf(sampan.Unavailable, "%s: after %d of %d bytes: %w", d.from.Redacted(), have, d.size, err)
		}
	}
}

// verify compares the checksum.
func (d *download) verify() error {
	file, err := os.Open(d.to)
	if err != nil {
		return onDisk(err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return onDisk(err)
	}
	got := hex.EncodeToString(sum.Sum(nil))
	if got == d.sum {
		return nil
	}
	return d.other("its SHA-256 is %s, want %s", got, d.sum)
}

// onDisk is a fault of the disk's: full, read-only, not ours.
func onDisk(err error) error { return sampan.Errorf(sampan.Internal, "%w", err) }
