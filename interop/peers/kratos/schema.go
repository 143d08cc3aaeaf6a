package main

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// loadService makes the files of a set known to the process, as generated code would, and finds a service.
func loadService(set []byte, name protoreflect.FullName) (protoreflect.ServiceDescriptor, error) {
	var files descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(set, &files); err != nil {
		return nil, err
	}
	for _, file := range files.File {
		if _, err := protoregistry.GlobalFiles.FindFileByPath(file.GetName()); err == nil {
			continue
		}
		made, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
		if err != nil {
			return nil, err
		}
		if err := register(made); err != nil {
			return nil, err
		}
	}
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return nil, err
	}
	service, ok := found.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is no service", name)
	}
	return service, nil
}

func register(file protoreflect.FileDescriptor) error {
	if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
		return err
	}
	// The form codec looks enums up by their names.
	for at := 0; at < file.Enums().Len(); at++ {
		if err := protoregistry.GlobalTypes.RegisterEnum(dynamicpb.NewEnumType(file.Enums().Get(at))); err != nil {
			return err
		}
	}
	for at := 0; at < file.Messages().Len(); at++ {
		if err := protoregistry.GlobalTypes.RegisterMessage(dynamicpb.NewMessageType(file.Messages().Get(at))); err != nil {
			return err
		}
	}
	return nil
}

func inputOf(method protoreflect.MethodDescriptor) *dynamicpb.Message {
	return dynamicpb.NewMessage(method.Input())
}

func outputOf(method protoreflect.MethodDescriptor) *dynamicpb.Message {
	return dynamicpb.NewMessage(method.Output())
}

func operationOf(method protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
}

func field(message protoreflect.Message, name protoreflect.Name) protoreflect.FieldDescriptor {
	return message.Descriptor().Fields().ByName(name)
}
