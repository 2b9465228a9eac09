package engine

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
)

// Memory counts the bytes that requests in models take, by model and in total, and bounds
// them: inputs from when a request reaches its model, outputs from before they are made,
// both until the model has answered. Messages that are read or written, and copies of
// inputs that are made for runs, are not counted. Safe for concurrent use.
type Memory struct {
	limit int64
	used  atomic.Int64

	mu     sync.Mutex
	models map[string]*Share
}

// NewMemory makes a count with a limit in bytes; 0 is none.
func NewMemory(limit int64) *Memory { return &Memory{limit: limit, models: map[string]*Share{}} }

// Limit in bytes; 0 is none.
func (m *Memory) Limit() int64 { return m.limit }

// InUse is what is taken now, in bytes.
func (m *Memory) InUse() int64 { return m.used.Load() }

// Share is what a model's requests take of a [Memory]. The nil Share bounds and counts
// nothing.
type Share struct {
	memory *Memory
	used   atomic.Int64
}

// Share returns the model's, which is that of all its versions.
func (m *Memory) Share(model string) *Share {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.models[model]
	if s == nil {
		s = &Share{memory: m}
		m.models[model] = s
	}
	return s
}

// InUse is what the model's requests take now, in bytes.
func (s *Share) InUse() int64 {
	if s == nil {
		return 0
	}
	return s.used.Load()
}

// freedSoon is when to ask again for memory that others hold.
const freedSoon = time.Second

// Take counts bytes, or refuses them with ResourceExhausted if they would exceed the
// limit. Give returns them.
func (s *Share) Take(bytes int64) error {
	if s == nil || bytes == 0 {
		return nil
	}
	m := s.memory
	total := m.used.Add(bytes)
	if m.limit > 0 && total > m.limit {
		m.used.Add(-bytes)
		inUse := total - bytes
		err := sampan.Errorf(sampan.ResourceExhausted,
			"%d bytes are wanted, requests under way use %d, the limit is %d (--memory_limit)", bytes, inUse, m.limit)
		if bytes <= m.limit {
			err.RetryAfter = freedSoon
		}
		return err
	}
	s.used.Add(bytes)
	return nil
}

// Give returns bytes that were taken.
func (s *Share) Give(bytes int64) {
	if s == nil || bytes == 0 {
		return
	}
	s.used.Add(-bytes)
	s.memory.used.Add(-bytes)
}
