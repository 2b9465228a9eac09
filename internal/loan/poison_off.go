//go:build !poison

package loan

// poisoned says that memory which was given back is overwritten and watched.
const poisoned = false
