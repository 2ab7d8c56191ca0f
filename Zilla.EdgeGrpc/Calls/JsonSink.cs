using System.Buffers;
using Google.Protobuf.Reflection;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Problems;
using Zilla.EdgeGrpc.Json;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>
/// The response to a call in JSON: the message with 200, or what went wrong as application/problem+json. Of a method that gives a stream one message on each line
/// (application/x-ndjson); an error once it has begun is its last line: <c>{"error":{"code":5,"message":"…"}}</c>.
/// </summary>
internal sealed class JsonSink : MessageSink
{
    private readonly MethodDescriptor _method;
    private readonly MessageJson _json;
    private ArrayBufferWriter<byte> _text = new();

    public JsonSink(Exchange exchange, MethodDescriptor method, MessageJson json)
        : base(exchange)
    {
        (_method, _json) = (method, json);
        Response.ContentType = method.IsServerStreaming ? ContentType.Lines : ContentType.Of(CallForm.Json);
    }

    protected override bool BeginsWithMessage => _method.IsServerStreaming;

    public override ValueTask FlushAsync(CancellationToken cancellationToken) => _method.IsServerStreaming ? base.FlushAsync(cancellationToken) : ValueTask.CompletedTask;

    public override async Task EndAsync(Status status, CancellationToken cancellationToken)
    {
        if (status.IsOk && !_method.IsServerStreaming && Count != 1)
        {
            // As clients of gRPC have it.
            status = new(StatusCode.Unimplemented, $"The method answers with one message, and {(Count == 0 ? "there is none" : "there are more")}.");
        }

        if (!status.IsOk && !Response.HasStarted)
        {
            await Problem.RejectAsync(Exchange.Context, StatusTable.ToHttp(status.Code), $"{status.Code}: {status.Message}");
            return;
        }

        if (!status.IsOk)
        {
            ErrorLine.Write(Body, status);
        }
        else if (!_method.IsServerStreaming)
        {
            Response.ContentLength = _text.WrittenCount;
            await Response.Body.WriteAsync(_text.WrittenMemory, cancellationToken);
        }

        await Body.FlushAsync(cancellationToken);
    }

    protected override void Write(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more)
    {
        // Not straight into the body: half of a message is nothing to go on from.
        _text.ResetWrittenCount();
        try
        {
            _json.ToJson(_method.OutputType, Joined(message, more), _text);
        }
        catch (JsonMappingException e)
        {
            throw new CallException(StatusCode.Internal, $"The response cannot be written as JSON: {e.Message}");
        }

        if (_method.IsServerStreaming)
        {
            _text.Write("\n"u8);
            Body.Write(_text.WrittenSpan);
        }

        Unflushed += _text.WrittenCount;
        Exchange.BytesSent += _text.WrittenCount;
        if (_method.IsServerStreaming)
        {
            _text = Emptied(_text);
        }
    }
}
