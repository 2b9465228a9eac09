package vision

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sampanml/sampan"
)

// URL2Image fetches pictures over HTTP. It asks no host that is not named, and no machine
// of the local network by the name of another. No server of this project uses it.
type URL2Image struct {
	Decoder
	// Hosts are those that may be asked, such as "images.example.org" or
	// "10.0.0.7:8080"; without a port both of HTTP's. An address that is private or of
	// this machine is asked only if it is here as such, or as "localhost".
	Hosts []string
	// Timeout is for the whole of a picture; 0 means 10 s.
	Timeout time.Duration
	// MaxBytes bounds a file; 0 means 64 MiB.
	MaxBytes int64
}

const (
	fetchTime    = 10 * time.Second
	fetchBytes   = 64 << 20
	maxRedirects = 5
)

// Fetch gets a picture. A URL that may not be asked is InvalidArgument, a server that does
// not answer with a file Unavailable, and one that takes too long DeadlineExceeded.
func (u URL2Image) Fetch(ctx context.Context, address string) (sampan.Tensor, error) {
	to, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture's URL: %w", err)
	}
	if err := u.check(to); err != nil {
		return sampan.Tensor{}, err
	}
	timeout, most := u.Timeout, u.MaxBytes
	if timeout <= 0 {
		timeout = fetchTime
	}
	if most <= 0 {
		most = fetchBytes
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture's URL: %w", err)
	}
	transport := &http.Transport{DialContext: u.dial, DisableKeepAlives: true}
	client := http.Client{Transport: transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errors.New("too many redirects")
		}
		return u.check(next.URL)
	}}
	resp, err := client.Do(req)
	if err != nil {
		return sampan.Tensor{}, failed(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return sampan.Tensor{}, sampan.Errorf(sampan.Unavailable, "fetch the picture: %s answers %s", resp.Request.URL.Host, resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return sampan.Tensor{}, failed(ctx, err)
	}
	if int64(len(data)) > most {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture at %s is larger than %d bytes", to.Host, most)
	}
	return u.Bytes(data)
}

// failed is why nothing was fetched: a refusal of ours, the end of the time, or the server.
func failed(ctx context.Context, err error) error {
	var refused *sampan.Error
	if errors.As(err, &refused) {
		return refused
	}
	code := sampan.Unavailable
	if ctx.Err() != nil {
		code = sampan.CodeOf(ctx.Err())
	}
	return sampan.Errorf(code, "fetch the picture: %w", err)
}

// check refuses what is no URL of a host that may be asked.
func (u URL2Image) check(to *url.URL) error {
	if to.Scheme != "http" && to.Scheme != "https" {
		return sampan.Errorf(sampan.InvalidArgument, "the picture's URL begins with %.20q, want http or https", to.Scheme+":")
	}
	if !slices.Contains(u.Hosts, to.Host) && (to.Port() != "" || !slices.Contains(u.Hosts, to.Hostname())) {
		return sampan.Errorf(sampan.InvalidArgument, "host %.100q is not among those that may be asked for pictures", to.Host)
	}
	return nil
}

// dial connects, to a local address only if it was meant.
func (u URL2Image) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{}
	if _, err := netip.ParseAddr(host); err != nil && host != "localhost" {
		dialer.Control = public
	}
	return dialer.DialContext(ctx, network, address)
}

// inside are networks that are somebody's own though their addresses do not say so: this
// one, a provider's (where some clouds keep their metadata), and IPv4's seen through IPv6.
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("64:ff9b::/96"),
}

// public refuses addresses that a name of somebody else's should not lead to.
func public(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := to.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || slices.ContainsFunc(inside, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return sampan.Errorf(sampan.InvalidArgument, "the picture's host has the local address %s, which is not among those that may be asked", ip)
	}
	return nil
}
