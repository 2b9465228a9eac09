package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/spf13/cobra"

	"github.com/sampanml/sampan/bench"
)

// echoCommand is the floor's server, started by bench in a process of its own. It
// ends with its standard input.
func echoCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "bench-echo PROTOCOL",
		Short:  "Answer every request with the same bytes",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := bufio.NewReader(cmd.InOrStdin())
			line, err := in.ReadString('\n')
			if err != nil {
				return fmt.Errorf("the reply did not come: %w", err)
			}
			reply, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
			if err != nil {
				return fmt.Errorf("the reply: %w", err)
			}
			klog.SetLevel(klog.LevelFatal)
			hlog.SetLevel(hlog.LevelFatal)
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), ln.Addr())
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			go func() {
				_, _ = in.ReadByte()
				cancel()
			}()
			return bench.ServeEcho(ctx, ln, bench.Protocol(args[0]), reply)
		},
	}
}

// echoProcess starts the echo server as a child.
func echoProcess(ctx context.Context, p bench.Protocol, reply []byte) (string, func() error, error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	child := exec.CommandContext(ctx, self, "bench-echo", string(p))
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := child.Start(); err != nil {
		return "", nil, fmt.Errorf("start the echo server: %w", err)
	}
	child.WaitDelay = 5 * time.Second
	stop := func() error {
		in.Close()
		return child.Wait()
	}
	if _, err := fmt.Fprintln(in, base64.StdEncoding.EncodeToString(reply)); err != nil {
		_ = stop()
		return "", nil, fmt.Errorf("start the echo server: %w", err)
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = stop()
		return "", nil, fmt.Errorf("the echo server did not start: %w", err)
	}
	return strings.TrimSpace(addr), stop, nil
}
