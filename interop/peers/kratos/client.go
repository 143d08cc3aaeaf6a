package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	kratoserrors "github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/metadata"
	mmetadata "github.com/go-kratos/kratos/v2/middleware/metadata"
	kratosgrpc "github.com/go-kratos/kratos/v2/transport/grpc"
	kratoshttp "github.com/go-kratos/kratos/v2/transport/http"
	kratosbinding "github.com/go-kratos/kratos/v2/transport/http/binding"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// call is one order of the other side: a method to call over a wire.
type call struct {
	Wire, Method, ContentType string
	Input                     json.RawMessage
	Inputs                    []json.RawMessage
	Metadata                  map[string]string
	TimeoutMs, CancelAfterMs  int
	Gzip                      bool
}

// outcome is what came of it.
type outcome struct {
	Output  json.RawMessage   `json:"output,omitempty"`
	Outputs []json.RawMessage `json:"outputs,omitempty"`
	Error   *failure          `json:"error,omitempty"`
	Header  string            `json:"header,omitempty"`
}

type failure struct {
	Code     int32             `json:"code"`
	Reason   string            `json:"reason"`
	Message  string            `json:"message"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

type caller struct {
	service protoreflect.ServiceDescriptor
	http    *kratoshttp.Client
	grpc    *grpc.ClientConn
}

func newCaller(service protoreflect.ServiceDescriptor, httpTarget, grpcTarget string) (*caller, error) {
	ctx := context.Background()
	overHTTP, err := kratoshttp.NewClient(ctx, kratoshttp.WithEndpoint(httpTarget),
		kratoshttp.WithTimeout(10*time.Second), kratoshttp.WithMiddleware(mmetadata.Client()))
	if err != nil {
		return nil, err
	}
	overGRPC, err := kratosgrpc.DialInsecure(ctx, kratosgrpc.WithEndpoint(grpcTarget),
		kratosgrpc.WithTimeout(10*time.Second), kratosgrpc.WithMiddleware(mmetadata.Client()))
	if err != nil {
		return nil, err
	}
	return &caller{service, overHTTP, overGRPC}, nil
}

func (c *caller) run(order call) outcome {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if order.TimeoutMs > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(order.TimeoutMs)*time.Millisecond)
		defer cancel()
	}
	if order.CancelAfterMs > 0 {
		time.AfterFunc(time.Duration(order.CancelAfterMs)*time.Millisecond, cancel)
	}
	for name, value := range order.Metadata {
		ctx = metadata.AppendToClientContext(ctx, name, value)
	}
	method := c.service.Methods().ByName(protoreflect.Name(order.Method))
	if method.IsStreamingServer() {
		return c.stream(ctx, method, order)
	}
	in, out := inputOf(method), outputOf(method)
	if len(order.Input) > 0 {
		if err := protojson.Unmarshal(order.Input, in); err != nil {
			return outcomeOf(nil, err)
		}
	}
	if order.Wire == "http" {
		return c.overHTTP(ctx, method, order, in, out)
	}
	var options []grpc.CallOption
	if order.Gzip {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}
	return outcomeOf(out, c.grpc.Invoke(ctx, operationOf(method), in, out, options...))
}

func (c *caller) overHTTP(ctx context.Context, method protoreflect.MethodDescriptor, order call, in, out *dynamicpb.Message) outcome {
	rule := bindings[method.Name()]
	header := http.Header{}
	options := []kratoshttp.CallOption{
		kratoshttp.Operation(operationOf(method)), kratoshttp.PathTemplate(rule.path), kratoshttp.Header(&header),
	}
	if order.ContentType != "" {
		options = append(options, kratoshttp.ContentType(order.ContentType))
	}
	path := kratosbinding.EncodeURL(rule.path, in, rule.body == "")
	var body any
	if rule.body != "" {
		body = bodyOf(in, rule)
	}
	result := outcomeOf(out, c.http.Invoke(ctx, rule.verb, path, body, out, options...))
	result.Header = header.Get("x-told-by")
	return result
}

func (c *caller) stream(ctx context.Context, method protoreflect.MethodDescriptor, order call) outcome {
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: method.IsStreamingClient()}
	stream, err := c.grpc.NewStream(ctx, description, operationOf(method))
	if err != nil {
		return outcomeOf(nil, err)
	}
	for _, input := range order.Inputs {
		in := inputOf(method)
		if err := protojson.Unmarshal(input, in); err != nil {
			return outcomeOf(nil, err)
		}
		if err := stream.SendMsg(in); err != nil {
			break
		}
	}
	_ = stream.CloseSend()
	var outputs []json.RawMessage
	for {
		out := outputOf(method)
		err := stream.RecvMsg(out)
		if errors.Is(err, io.EOF) {
			return outcome{Outputs: outputs}
		}
		if err != nil {
			result := outcomeOf(nil, err)
			result.Outputs = outputs
			return result
		}
		text, _ := protojson.Marshal(out)
		outputs = append(outputs, text)
	}
}

func outcomeOf(out *dynamicpb.Message, err error) outcome {
	if err != nil {
		found := kratoserrors.FromError(err)
		return outcome{Error: &failure{found.Code, found.Reason, found.Message, found.Metadata}}
	}
	text, err := protojson.Marshal(out)
	if err != nil {
		return outcome{Error: &failure{Message: "no JSON: " + err.Error()}}
	}
	return outcome{Output: json.RawMessage(strings.TrimSpace(string(text)))}
}

func talk(method protoreflect.MethodDescriptor, stream grpc.ServerStream) error {
	for {
		in := inputOf(method)
		if err := stream.RecvMsg(in); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := stream.SendMsg(in); err != nil {
			return err
		}
	}
}
