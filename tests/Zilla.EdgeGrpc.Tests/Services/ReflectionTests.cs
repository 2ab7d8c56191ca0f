using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Zilla.EdgeGrpc.Protos.Reflection.V1;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Testing;
using StatusCode = Grpc.Core.StatusCode;

namespace Zilla.EdgeGrpc.Tests.Services;

/// <summary>Server reflection, by which clients need no files.</summary>
public sealed class ReflectionTests : IAsyncLifetime
{
    private const string Things = "zilla.tests.Things";

    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync(Gateway.Fetch("*/Get", "things"));
        _gateway.Cache.Topic("things").Append(0, null, new Everything { AString = "found" }.ToByteArray(), []);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("v1")]
    [InlineData("v1alpha")]
    public async Task Services_AreListed_OursAmongThem(string version)
    {
        var answer = Assert.Single(await AskAsync(version, new ServerReflectionRequest { Host = "here", ListServices = "*" }));
        Assert.Equal(
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", Things],
            answer.ListServicesResponse.Service.Select(service => service.Name));
        Assert.Equal(("here", "*"), (answer.ValidHost, answer.OriginalRequest.ListServices));
    }

    [Theory]
    [InlineData(Things)]
    [InlineData(Things + ".Get")]
    [InlineData("zilla.tests.Everything")]
    [InlineData("zilla.tests.Everything.a_string")]
    [InlineData("zilla.tests.Everything.choice")]
    [InlineData("zilla.tests.Colour")]
    [InlineData("zilla.tests.COLOUR_RED")]
    public async Task Symbol_GivesItsFileAndAllThatItImports(string symbol)
    {
        var answer = Assert.Single(await AskAsync("v1", new ServerReflectionRequest { FileContainingSymbol = symbol }));
        var files = answer.FileDescriptorResponse.FileDescriptorProto.Select(bytes => FileDescriptorProto.Parser.ParseFrom(bytes)).ToList();
        Assert.Equal("everything.proto", files[0].Name);
        Assert.Equal(files[0].Dependency.Order(), files.Skip(1).Select(file => file.Name).Order());
    }

    [Fact]
    public async Task DescriptorsOfTheAnswers_AreEnoughToCallAMethod()
    {
        var files = new Dictionary<string, ByteString>();
        foreach (var name in new[] { "everything.proto", "google/protobuf/any.proto" })
        {
            var answer = Assert.Single(await AskAsync("v1", new ServerReflectionRequest { FileByFilename = name }));
            foreach (var bytes in answer.FileDescriptorResponse.FileDescriptorProto)
            {
                files[FileDescriptorProto.Parser.ParseFrom(bytes).Name] = bytes;
            }
        }

        var pool = FileDescriptor.BuildFromByteStrings(files.OrderBy(file => file.Key == "everything.proto").Select(file => file.Value));
        var method = pool[^1].Services.Single(service => service.FullName == Things).FindMethodByName("Get");
        var field = method.OutputType.FindFieldByName("a_string");
        var bare = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        var call = _gateway.Channel.CreateCallInvoker().AsyncUnaryCall(new Method<byte[], byte[]>(MethodType.Unary, method.Service.FullName, method.Name, bare, bare), null, default, []);
        var input = new CodedInputStream(await call);
        Assert.Equal(((uint)field.FieldNumber << 3) | 2, input.ReadTag());
        Assert.Equal("found", input.ReadString());
    }

    [Fact]
    public async Task WhatIsNotThere_IsAnErrorEach_AndTheStreamGoesOn()
    {
        var answers = await AskAsync(
            "v1",
            new() { FileByFilename = "nope.proto" },
            new() { FileContainingSymbol = "zilla.tests.Nope" },
            new() { FileContainingExtension = new() { ContainingType = "zilla.tests.Everything", ExtensionNumber = 7 } },
            new() { AllExtensionNumbersOfType = "zilla.tests.Nope" },
            new(),
            new() { AllExtensionNumbersOfType = "zilla.tests.Everything" });
        Assert.Equal([5, 5, 5, 5, 3, 0], answers.Select(answer => answer.ErrorResponse?.ErrorCode ?? 0));
        Assert.Equal("There is no file nope.proto.", answers[0].ErrorResponse.ErrorMessage);
        Assert.Equal(("zilla.tests.Everything", 0), (answers[5].AllExtensionNumbersResponse.BaseTypeName, answers[5].AllExtensionNumbersResponse.ExtensionNumber.Count));
    }

    [Fact]
    public async Task Message_ThatIsNoRequest_EndsTheCall()
    {
        var bare = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        var of = Methods.Reflection("v1");
        using var call = _gateway.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(new Method<byte[], byte[]>(of.Type, of.ServiceName, of.Name, bare, bare), null, default);
        await call.RequestStream.WriteAsync([0x1a, 0x7f]);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default))).StatusCode);
    }

    [Fact]
    public async Task WhoMayCallNothing_IsToldNothing()
    {
        await using var guarded = await Gateway.StartAsync(Gateway.Fetch("*/Get", "things") with { Guarded = new Dictionary<string, IReadOnlyList<string>> { ["jwt"] = ["reader"] } });
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => AskAsync(guarded, "v1", new ServerReflectionRequest { ListServices = "" }))).StatusCode);
    }

    [Fact]
    public async Task SwitchedOff_ItIsNotThere()
    {
        await using var without = await Gateway.StartAsync(grpc => grpc with { Reflection = false }, Gateway.Fetch("*/Get", "things"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync(without, "v1", new ServerReflectionRequest { ListServices = "" }));
        Assert.Equal((StatusCode.Unimplemented, true), (refused.StatusCode, refused.Status.Detail.Contains("no method", StringComparison.Ordinal)));
        Assert.NotNull(await without.Channel.CreateCallInvoker().AsyncUnaryCall(Methods.Check, null, default, new()));
    }

    [RequiresToolTheory("node", "npm")]
    [InlineData("v1")]
    [InlineData("v1alpha")]
    public async Task ForeignClient_CallsAMethod_WithoutFiles(string version)
    {
        var lines = (await NodeClients.RunAsync("grpc-reflection.mjs", $"127.0.0.1:{_gateway.Port}", version, Things, "Get", "{}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(Things, JsonSerializer.Deserialize<string[]>(lines[0])!);
        Assert.Equal("found", JsonDocument.Parse(lines[1]).RootElement.GetProperty("a_string").GetString());
    }

    private Task<List<ServerReflectionResponse>> AskAsync(string version, params ServerReflectionRequest[] requests) => AskAsync(_gateway, version, requests);

    private static async Task<List<ServerReflectionResponse>> AskAsync(Gateway gateway, string version, params ServerReflectionRequest[] requests)
    {
        using var call = gateway.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(Methods.Reflection(version), null, default);
        var answers = new List<ServerReflectionResponse>();
        foreach (var request in requests)
        {
            try
            {
                await call.RequestStream.WriteAsync(request);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled)
            {
                // So the client library says of a call that was refused before it could write: how the call ended is read.
            }

            Assert.True(await call.ResponseStream.MoveNext(default));
            answers.Add(call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(default));
        return answers;
    }
}
