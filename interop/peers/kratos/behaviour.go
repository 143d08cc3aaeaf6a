package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	kratoserrors "github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/metadata"
	"github.com/go-kratos/kratos/v2/transport"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// gone counts the calls whose caller left, or whose time was up, while they waited.
var gone atomic.Int64

// answer is what the service does, whatever wire the call came over.
func answer(ctx context.Context, method protoreflect.MethodDescriptor, in *dynamicpb.Message) (*dynamicpb.Message, error) {
	switch method.Name() {
	case "Fail":
		return nil, failureOf(in)
	case "Wait":
		wait := time.Duration(in.Get(field(in, "time")).Int()) * time.Millisecond
		select {
		case <-time.After(wait):
			return told(ctx, method), nil
		case <-ctx.Done():
			gone.Add(1)
			return nil, ctx.Err()
		}
	case "Tell":
		return told(ctx, method), nil
	case "Remove":
		return outputOf(method), nil
	default:
		return in, nil
	}
}

func failureOf(in protoreflect.Message) error {
	message := in.Get(field(in, "message")).String()
	code := int(in.Get(field(in, "code")).Int())
	if code == 0 {
		return errors.New(message)
	}
	facts := map[string]string{}
	in.Get(field(in, "metadata")).Map().Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
		facts[key.String()] = value.String()
		return true
	})
	return kratoserrors.New(code, in.Get(field(in, "reason")).String(), message).WithMetadata(facts)
}

func told(ctx context.Context, method protoreflect.MethodDescriptor) *dynamicpb.Message {
	out := outputOf(method)
	if md, ok := metadata.FromServerContext(ctx); ok {
		all := out.Mutable(field(out, "metadata")).Map()
		for name, values := range md {
			if len(values) > 0 {
				all.Set(protoreflect.ValueOfString(name).MapKey(), protoreflect.ValueOfString(values[0]))
			}
		}
	}
	if call, ok := transport.FromServerContext(ctx); ok {
		out.Set(field(out, "operation"), protoreflect.ValueOfString(call.Operation()))
		out.Set(field(out, "kind"), protoreflect.ValueOfString(call.Kind().String()))
		out.Set(field(out, "user_agent"), protoreflect.ValueOfString(call.RequestHeader().Get("user-agent")))
		call.ReplyHeader().Set("x-told-by", "go")
	}
	if deadline, ok := ctx.Deadline(); ok {
		out.Set(field(out, "left_ms"), protoreflect.ValueOfInt64(time.Until(deadline).Milliseconds()))
	}
	return out
}
