package server

import (
	"errors"
	"fmt"
	"net"

	"github.com/sampanml/sampan/internal/listener"
	"github.com/sampanml/sampan/server/http"
)

// ownServer is an HTTP server with a port of its own.
type ownServer struct {
	*http.Server
	what     string
	listener net.Listener
}

// listenOwn takes the ports besides the main one.
func (s *Server) listenOwn(o http.Options) error {
	for _, port := range []struct {
		what   string
		number int
		make   func(net.Listener) (*http.Server, error)
	}{
		{"HTTP", s.config.HTTPPort, func(ln net.Listener) (*http.Server, error) {
			o.Listener = ln
			return http.New(s.service, o)
		}},
		{"Prometheus", s.config.PrometheusPort, func(ln net.Listener) (*http.Server, error) {
			return http.NewMetrics(ln, o.Pages.Metrics)
		}},
	} {
		if port.number == 0 {
			continue
		}
		ln, err := listener.Listen(s.config.Host, port.number)
		if err != nil {
			return err
		}
		server, err := port.make(ln)
		if err != nil {
			return errors.Join(err, ln.Close())
		}
		s.own = append(s.own, &ownServer{server, port.what, ln})
	}
	return nil
}

// closeOwn gives the ports back where serving has not begun.
func (s *Server) closeOwn() error {
	var errs []error
	for _, own := range s.own {
		errs = append(errs, own.listener.Close())
	}
	return errors.Join(errs...)
}

func (s *Server) ownAddr(what string) net.Addr {
	for _, own := range s.own {
		if own.what == what {
			return own.listener.Addr()
		}
	}
	return nil
}

// startOwn serves in the background. ended has the reason when one of the servers ends.
func (s *Server) startOwn() (ended <-chan error) {
	done := make(chan error, len(s.own))
	for _, own := range s.own {
		own.Start()
		go func() { done <- fmt.Errorf("%s port %v: %w", own.what, own.listener.Addr(), orEnded(<-own.Done())) }()
	}
	return done
}
