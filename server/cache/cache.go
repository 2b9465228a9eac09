// Package cache keeps replies, so that equal requests need not run again.
//
// Requests are equal when everything that matters to the reply is: inputs with names,
// types, shapes, LoD and data, and the wanted outputs; not the log id. They are compared
// by 128 bits of two keyed hashes, whose keys no caller knows. Equal requests that come
// while the first is under way wait for its reply. Errors are never kept. A [Cache] may
// be used from many goroutines; the replies that it hands out are shared and must not
// be changed.
package cache

import (
	"container/list"
	"context"
	"sync"

	"github.com/sampanml/sampan"
)

// Cache is a bounded store of replies; the ones that were not asked for longest go
// first.
type Cache struct {
	most int64

	mu     sync.Mutex
	byKey  map[key]*list.Element
	recent *list.List
	bytes  int64
	flying map[key]*flight
	// era counts the flushes: what was begun in an earlier one is not kept.
	era                   uint64
	hits, misses, evicted uint64
}

// entry is an element of recent.
type entry struct {
	key   key
	reply *sampan.Reply
	bytes int64
}

// flight is a request under way. reply and err are set when landed is closed.
type flight struct {
	landed chan struct{}
	reply  *sampan.Reply
	err    error
	era    uint64
}

// New makes a cache of so many bytes.
func New(bytes int64) *Cache {
	return &Cache{most: bytes, byKey: map[key]*list.Element{}, recent: list.New(), flying: map[key]*flight{}}
}

// Do returns the reply that is kept, or that of run. Requests with a profile always run.
func (c *Cache) Do(ctx context.Context, req *sampan.Request, run func() (*sampan.Reply, error)) (*sampan.Reply, error) {
	if req.Profile {
		return run()
	}
	k := keyOf(req)
	for {
		c.mu.Lock()
		if e, ok := c.byKey[k]; ok {
			c.recent.MoveToFront(e)
			c.hits++
			c.mu.Unlock()
			return e.Value.(*entry).reply, nil
		}
		first, waits := c.flying[k]
		if !waits || first.era != c.era {
			c.misses++
			f := &flight{landed: make(chan struct{}), era: c.era}
			c.flying[k] = f
			c.mu.Unlock()
			return c.fly(k, f, run)
		}
		c.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, sampan.ContextError(ctx)
		case <-first.landed:
		}
		if first.err == nil {
			c.mu.Lock()
			c.hits++
			c.mu.Unlock()
			return first.reply, nil
		}
		// The end of the first one's time is not that of the others.
		if code := sampan.CodeOf(first.err); code != sampan.Canceled && code != sampan.DeadlineExceeded {
			return nil, first.err
		}
	}
}

// fly runs a request and keeps its reply.
func (c *Cache) fly(k key, f *flight, run func() (*sampan.Reply, error)) (*sampan.Reply, error) {
	f.err = sampan.Errorf(sampan.Internal, "internal error")
	defer func() {
		c.mu.Lock()
		if c.flying[k] == f {
			delete(c.flying, k)
		}
		if f.err == nil && f.era == c.era {
			c.keep(k, f.reply)
		}
		c.mu.Unlock()
		close(f.landed)
	}()
	f.reply, f.err = run()
	return f.reply, f.err
}

// keep stores a reply that is smaller than the cache, without the times of its run. The
// lock is held.
func (c *Cache) keep(k key, reply *sampan.Reply) {
	size := sizeOf(reply)
	if _, there := c.byKey[k]; there || size > c.most {
		return
	}
	for c.bytes+size > c.most {
		last := c.recent.Back()
		e := c.recent.Remove(last).(*entry)
		delete(c.byKey, e.key)
		c.bytes -= e.bytes
		c.evicted++
	}
	kept := *reply
	kept.Profile = nil
	c.byKey[k] = c.recent.PushFront(&entry{key: k, reply: &kept, bytes: size})
	c.bytes += size
}

// Flush forgets all replies, those of requests under way too.
func (c *Cache) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byKey)
	c.recent.Init()
	c.bytes = 0
	c.era++
}

// Stats tells what the cache holds and how it does.
type Stats struct {
	Bytes, Replies        int64
	Hits, Misses, Evicted uint64
}

// Stats are those up to now.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Stats{Bytes: c.bytes, Replies: int64(len(c.byKey)), Hits: c.hits, Misses: c.misses, Evicted: c.evicted}
}

// overhead is what an entry takes beside its data, about.
const overhead = 512

// sizeOf estimates the memory of a reply.
func sizeOf(r *sampan.Reply) int64 {
	n := int64(overhead)
	for _, o := range r.Outputs {
		for _, t := range o.Tensors {
			n += int64(cap(t.Tensor.Data)) + 8*int64(len(t.Tensor.Shape)) + overhead/2
			for _, level := range t.Tensor.LoD {
				n += 8 * int64(len(level))
			}
		}
	}
	return n
}
