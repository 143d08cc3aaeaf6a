// A peer of Go Kratos: it serves the interop service over HTTP and gRPC, and calls the service of another.
// It takes orders as lines of JSON and answers each with one.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	kratoslog "github.com/go-kratos/kratos/v2/log"
)

type order struct {
	call
	// What to do: "serve" with Schema, "dial" with HTTP and GRPC, "call", "gone".
	Do, HTTP, GRPC string
	Schema         []byte
}

func main() {
	kratoslog.SetLogger(kratoslog.NewStdLogger(io.Discard))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	peer := &peer{}
	for lines.Scan() {
		var next order
		if err := json.Unmarshal(lines.Bytes(), &next); err != nil {
			fail(err)
		}
		reply, err := peer.take(next)
		if err != nil {
			fail(err)
		}
		text, err := json.Marshal(reply)
		if err != nil {
			fail(err)
		}
		fmt.Println(string(text))
	}
}

type peer struct {
	schema []byte
	caller *caller
}

func (p *peer) take(next order) (any, error) {
	switch next.Do {
	case "serve":
		p.schema = next.Schema
		return serve(next.Schema)
	case "dial":
		service, err := loadService(p.schema, serviceName)
		if err != nil {
			return nil, err
		}
		p.caller, err = newCaller(service, next.HTTP, next.GRPC)
		return map[string]bool{"dialled": true}, err
	case "call":
		return p.caller.run(next.call), nil
	case "gone":
		return map[string]int64{"gone": gone.Load()}, nil
	}
	return nil, fmt.Errorf("no order %q", next.Do)
}

const serviceName = "kratos.interop.v1.Peer"

func serve(schema []byte) (any, error) {
	service, err := loadService(schema, serviceName)
	if err != nil {
		return nil, err
	}
	overHTTP, overGRPC := newHTTPServer(service), newGRPCServer(service)
	httpURL, err := overHTTP.Endpoint()
	if err != nil {
		return nil, err
	}
	grpcURL, err := overGRPC.Endpoint()
	if err != nil {
		return nil, err
	}
	go func() { fail(overHTTP.Start(context.Background())) }()
	go func() { fail(overGRPC.Start(context.Background())) }()
	return map[string]string{"http": httpURL.Host, "grpc": grpcURL.Host}, nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
