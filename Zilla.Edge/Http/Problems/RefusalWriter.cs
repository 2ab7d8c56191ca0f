using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Zilla.Edge.Http.Problems;

/// <summary>
/// An HTTP/1.1 connection's output. Once a request has been refused by Kestrel itself, all that still follows is its bare answer and the end of
/// the connection: that answer gets the body it lacks.
/// <code>
/// HTTP/1.1 400 Bad Request⏎ Content-Length: 0⏎ Connection: close⏎ Date: …⏎ ⏎
/// </code>
/// </summary>
public sealed class RefusalWriter(PipeWriter output) : PipeWriter
{
    private const string NoBody = "Content-Length: 0\r\n";

    private byte[]? _body;
    private ArrayBufferWriter<byte>? _answer;
    private bool _withBody;

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes + (_answer?.WrittenCount ?? 0);

    /// <summary>Nothing of the answer has been written yet. A response to HEAD has the headers of a body and none.</summary>
    public void Refuse(byte[] problem, bool isHead)
    {
        (_body, _withBody) = (problem, !isHead);
        _answer = new ArrayBufferWriter<byte>();
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _answer is null ? output.GetMemory(sizeHint) : _answer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _answer is null ? output.GetSpan(sizeHint) : _answer.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (_answer is null)
        {
            output.Advance(bytes);
        }
        else
        {
            _answer.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        WriteAnswer();
        return output.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        WriteAnswer();
        output.Complete(exception);
    }

    private void WriteAnswer()
    {
        if (_answer is not { WrittenCount: > 0 } || _body is null)
        {
            return;
        }

        var head = Encoding.Latin1.GetString(_answer.WrittenSpan);
        var bare = head.EndsWith("\r\n\r\n", StringComparison.Ordinal) && head.Contains(NoBody, StringComparison.Ordinal);
        output.Write(Encoding.Latin1.GetBytes(bare ? head.Replace(NoBody, $"Content-Type: {Problem.ContentType}\r\nContent-Length: {_body.Length}\r\n", StringComparison.Ordinal) : head));
        if (bare && _withBody)
        {
            output.Write(_body);
        }

        _answer.ResetWrittenCount();
    }
}
