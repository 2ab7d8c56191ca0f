using Google.Protobuf;
using Google.Protobuf.Reflection;
using Zilla.EdgeGrpc.Schemas;
using Zilla.EdgeGrpc.Services;

namespace Zilla.EdgeGrpc.Tests.Services;

public sealed class OwnServicesTests
{
    [Fact]
    public void ServiceThatTheConfigurationHas_IsItsOwn()
    {
        // A file of theirs under a name of their own, with less in it.
        var theirs = new FileDescriptorProto { Name = "health.proto", Package = "grpc.health.v1", Syntax = "proto3", Service = { new ServiceDescriptorProto { Name = "Health" } } };
        var schema = ServiceSchema.Parse([new FileDescriptorSet { File = { theirs } }.ToByteArray()]);
        Assert.Equal(["grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto"], OwnServices.Beside(schema, health: true, reflection: true).Select(file => file.Name));
    }

    [Theory]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 2)]
    [InlineData(false, false, 0)]
    public void WhatIsSwitchedOff_IsLeftOut(bool health, bool reflection, int files) => Assert.Equal(files, OwnServices.Beside(ServiceSchema.Empty, health, reflection).Count);

    [Fact]
    public void Extensions_AreFoundByTypeAndNumber()
    {
        var options = DescriptorReflection.Descriptor;
        var file = new FileDescriptorProto
        {
            Name = "mine.proto",
            Package = "mine",
            Dependency = { options.Name },
            MessageType = { new DescriptorProto { Name = "Scope", Extension = { Extension("inner", 50002) } } },
            Extension = { Extension("outer", 50001) },
        };
        var index = new SymbolIndex(FileDescriptor.BuildFromByteStrings([options.SerializedData, file.ToByteString()]));
        Assert.Equal([50001, 50002], index.ExtensionsOf("google.protobuf.FieldOptions")!);
        Assert.Equal("mine.proto", index.FindExtension("google.protobuf.FieldOptions", 50002)?.Name);
        Assert.Equal("mine.proto", index.FindSymbol("mine.Scope.inner")?.Name);
        Assert.Null(index.FindExtension("google.protobuf.FieldOptions", 50003));
        Assert.Null(index.ExtensionsOf("mine.Nope"));
        Assert.Equal(2, SymbolIndex.WithImports(index.FindFile("mine.proto")!).Count());

        static FieldDescriptorProto Extension(string name, int number) => new()
        {
            Name = name,
            Number = number,
            Extendee = ".google.protobuf.FieldOptions",
            Label = FieldDescriptorProto.Types.Label.Optional,
            Type = FieldDescriptorProto.Types.Type.String,
        };
    }
}
