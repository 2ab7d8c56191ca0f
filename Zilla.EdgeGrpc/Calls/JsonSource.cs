using System.Buffers;
using Google.Protobuf.Reflection;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Json;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>A call in JSON: the body is the message, or with a method that takes a stream, one on each line. An empty body is an empty message.</summary>
internal sealed class JsonSource(Exchange exchange, MethodDescriptor method, MessageJson json, int maximum, MessageBudget budget) : MessageSource
{
    private readonly MessageShare _share = new(budget, exchange.Context.Connection.Id);
    private BegunMessage? _begun;
    private long _searched;
    private long _line;
    private bool _isOver;
    private bool _any;

    public override async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        _share.Release();
        var body = exchange.Request.BodyReader;
        while (!_isOver)
        {
            var read = _searched == 0 || budget.Pace is not { } pace ? await body.ReadAsync(cancellationToken) : await (_begun ??= new(pace)).ReadAsync(body, _searched, cancellationToken);
            var buffer = read.Buffer;

            // A long line may come in many pieces: each is looked at once.
            var end = method.IsClientStreaming ? buffer.Slice(_searched).PositionOf((byte)'\n') : null;
            var text = end is { } line ? buffer.Slice(0, line) : buffer;
            _share.Hold(text.Length <= maximum ? text.Length : throw TooLarge());
            if (end is null && !read.IsCompleted)
            {
                _searched = buffer.Length;
                body.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            _searched = 0;
            _line++;
            _begun?.Dispose();
            _isOver = end is null;
            exchange.BytesReceived += text.Length;
            var found = Read(text);
            body.AdvanceTo(end is { } consumed ? buffer.GetPosition(1, consumed) : buffer.End);
            if (found)
            {
                Count++;
                return true;
            }
        }

        return false;
    }

    public override void Dispose()
    {
        _begun?.Dispose();
        _share.Release();
    }

    private bool Read(in ReadOnlySequence<byte> text)
    {
        if (IsBlank(text))
        {
            // Lines may be empty, and so may the body of a method without arguments.
            Current = default;
            return !method.IsClientStreaming && !_any && (_any = true);
        }

        try
        {
            Current = json.ToMessage(method.InputType, text);
        }
        catch (JsonMappingException e)
        {
            throw new CallException(StatusCode.InvalidArgument, method.IsClientStreaming ? $"Line {_line} has to be one message. {e.Message}" : e.Message);
        }

        // A few characters may stand for more bytes than they are.
        _share.Hold(Current.Length <= maximum ? text.Length + Current.Length : throw TooLarge());
        return _any = true;
    }

    private static bool IsBlank(in ReadOnlySequence<byte> text)
    {
        foreach (var segment in text)
        {
            if (segment.Span.ContainsAnyExcept(" \t\r\n"u8))
            {
                return false;
            }
        }

        return true;
    }

    private CallException TooLarge() => new(StatusCode.ResourceExhausted, $"A message is larger than the {maximum} bytes that are accepted.");
}
