package main

import (
	"context"
	"time"

	"github.com/go-kratos/kratos/v2/middleware/metadata"
	"github.com/go-kratos/kratos/v2/middleware/recovery"
	kratosgrpc "github.com/go-kratos/kratos/v2/transport/grpc"
	kratoshttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

const serverTimeout = 500 * time.Millisecond

// binding is a rule of google.api.http, as the generated code of Kratos holds it.
type binding struct {
	verb, path string
	// "", "*" or the name of a field
	body protoreflect.Name
}

var bindings = map[protoreflect.Name]binding{
	"Get":     {"GET", "/v1/things/{name}", ""},
	"GetDeep": {"GET", "/v1/owners/{owner.name}/things/{count}", ""},
	"Create":  {"POST", "/v1/things", "*"},
	"Update":  {"PATCH", "/v1/things/{thing.name}", "thing"},
	"Remove":  {"DELETE", "/v1/things/{name}", ""},
	"Fail":    {"POST", "/v1/fail", "*"},
	"Wait":    {"GET", "/v1/wait/{time}", ""},
	"Tell":    {"GET", "/v1/tell", ""},
}

func newHTTPServer(service protoreflect.ServiceDescriptor) *kratoshttp.Server {
	server := kratoshttp.NewServer(
		kratoshttp.Address("127.0.0.1:0"),
		kratoshttp.Timeout(serverTimeout),
		kratoshttp.Middleware(recovery.Recovery(), metadata.Server()),
	)
	router := server.Route("/")
	for at := 0; at < service.Methods().Len(); at++ {
		method := service.Methods().Get(at)
		if rule, ok := bindings[method.Name()]; ok {
			router.Handle(rule.verb, rule.path, handlerOf(method, rule))
		}
	}
	return server
}

func handlerOf(method protoreflect.MethodDescriptor, rule binding) kratoshttp.HandlerFunc {
	return func(ctx kratoshttp.Context) error {
		in := inputOf(method)
		if rule.body != "" {
			if err := ctx.Bind(bodyOf(in, rule)); err != nil {
				return err
			}
		}
		if err := ctx.BindQuery(in); err != nil {
			return err
		}
		if err := ctx.BindVars(in); err != nil {
			return err
		}
		kratoshttp.SetOperation(ctx, operationOf(method))
		handler := ctx.Middleware(func(ctx context.Context, request any) (any, error) {
			return answer(ctx, method, request.(*dynamicpb.Message))
		})
		out, err := handler(ctx, in)
		if err != nil {
			return err
		}
		return ctx.Result(200, out)
	}
}

func bodyOf(in *dynamicpb.Message, rule binding) any {
	if rule.body == "*" {
		return in
	}
	return in.Mutable(field(in, rule.body)).Message().Interface()
}

func newGRPCServer(service protoreflect.ServiceDescriptor) *kratosgrpc.Server {
	server := kratosgrpc.NewServer(
		kratosgrpc.Address("127.0.0.1:0"),
		kratosgrpc.Timeout(serverTimeout),
		kratosgrpc.Middleware(recovery.Recovery(), metadata.Server()),
	)
	description := grpc.ServiceDesc{ServiceName: string(service.FullName()), HandlerType: (*any)(nil)}
	for at := 0; at < service.Methods().Len(); at++ {
		method := service.Methods().Get(at)
		if method.IsStreamingServer() {
			description.Streams = append(description.Streams, streamOf(method))
		} else {
			description.Methods = append(description.Methods, unaryOf(method))
		}
	}
	server.RegisterService(&description, struct{}{})
	return server
}

func unaryOf(method protoreflect.MethodDescriptor) grpc.MethodDesc {
	handle := func(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		in := inputOf(method)
		if err := decode(in); err != nil {
			return nil, err
		}
		info := &grpc.UnaryServerInfo{Server: srv, FullMethod: operationOf(method)}
		return interceptor(ctx, in, info, func(ctx context.Context, request any) (any, error) {
			return answer(ctx, method, request.(*dynamicpb.Message))
		})
	}
	return grpc.MethodDesc{MethodName: string(method.Name()), Handler: handle}
}

func streamOf(method protoreflect.MethodDescriptor) grpc.StreamDesc {
	handle := func(_ any, stream grpc.ServerStream) error {
		if method.IsStreamingClient() {
			return talk(method, stream)
		}
		return watch(method, stream)
	}
	return grpc.StreamDesc{
		StreamName: string(method.Name()), Handler: handle,
		ServerStreams: true, ClientStreams: method.IsStreamingClient(),
	}
}

func watch(method protoreflect.MethodDescriptor, stream grpc.ServerStream) error {
	in := inputOf(method)
	if err := stream.RecvMsg(in); err != nil {
		return err
	}
	count := in.Get(field(in, "count")).Int()
	for at := int64(0); at < count; at++ {
		out := outputOf(method)
		out.Set(field(out, "count"), protoreflect.ValueOfInt32(int32(at)))
		if err := stream.SendMsg(out); err != nil {
			return err
		}
	}
	if fail := field(in, "fail"); in.Has(fail) {
		return failureOf(in.Get(fail).Message())
	}
	return nil
}
