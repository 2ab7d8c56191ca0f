using Google.Protobuf;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Protos.Reflection.V1;
using Zilla.EdgeGrpc.Schemas;
using Zilla.EdgeGrpc.Server;
using Request = Zilla.EdgeGrpc.Protos.Reflection.V1.ServerReflectionRequest.MessageRequestOneofCase;

namespace Zilla.EdgeGrpc.Services;

/// <summary>Tells clients what the <c>.proto</c> files say (grpc.reflection.v1, and v1alpha, whose messages are the same): all of them, whatever routes there are.</summary>
internal sealed class ReflectionService(ServiceSchema schema) : ICallHandler
{
    // Most gateways are never asked.
    private readonly Lazy<SymbolIndex> _index = new(() => new SymbolIndex(schema.Files));

    public async Task<Status> HandleAsync(Call call)
    {
        while (await call.ReadAsync())
        {
            await call.WriteAsync(Answer(Parse(call.Message)).ToByteArray());
            await call.FlushAsync();
        }

        return Status.Ok;
    }

    private static ServerReflectionRequest Parse(ReadOnlyMemory<byte> message)
    {
        try
        {
            return ServerReflectionRequest.Parser.ParseFrom(message.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CallException(StatusCode.InvalidArgument, $"The message is no ServerReflectionRequest: {e.Message}");
        }
    }

    private ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        var index = _index.Value;
        switch (request.MessageRequestCase)
        {
            case Request.ListServices:
                response.ListServicesResponse = new() { Service = { schema.Services.Select(service => new ServiceResponse { Name = service.FullName }).OrderBy(service => service.Name, StringComparer.Ordinal) } };
                break;
            case Request.FileByFilename:
                Tell(index.FindFile(request.FileByFilename), $"There is no file {request.FileByFilename}.");
                break;
            case Request.FileContainingSymbol:
                Tell(index.FindSymbol(request.FileContainingSymbol), $"No file defines {request.FileContainingSymbol}.");
                break;
            case Request.FileContainingExtension:
                var (type, number) = (request.FileContainingExtension.ContainingType, request.FileContainingExtension.ExtensionNumber);
                Tell(index.FindExtension(type, number), $"No file extends {type} with a field {number}.");
                break;
            case Request.AllExtensionNumbersOfType when index.ExtensionsOf(request.AllExtensionNumbersOfType) is { } numbers:
                response.AllExtensionNumbersResponse = new() { BaseTypeName = request.AllExtensionNumbersOfType, ExtensionNumber = { numbers } };
                break;
            case Request.AllExtensionNumbersOfType:
                Refuse(StatusCode.NotFound, $"There is no message {request.AllExtensionNumbersOfType}.");
                break;
            default:
                Refuse(StatusCode.InvalidArgument, "The request asks for nothing that is known here.");
                break;
        }

        return response;

        void Tell(Google.Protobuf.Reflection.FileDescriptor? file, string otherwise)
        {
            if (file is null)
            {
                Refuse(StatusCode.NotFound, otherwise);
            }
            else
            {
                response.FileDescriptorResponse = new() { FileDescriptorProto = { SymbolIndex.WithImports(file) } };
            }
        }

        void Refuse(StatusCode code, string message) => response.ErrorResponse = new() { ErrorCode = (int)code, ErrorMessage = message };
    }
}
