using System.Buffers;
using System.IO.Pipelines;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Sse;

/// <summary>Knows how much has been written, in all and since the last flush; a response's own pipe does not tell.</summary>
internal sealed class CountingWriter(PipeWriter output, Exchange exchange) : IBufferWriter<byte>
{
    public int Unflushed { get; private set; }

    public void Advance(int count)
    {
        output.Advance(count);
        Unflushed += count;
        exchange.BytesSent += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        Unflushed = 0;
        return output.FlushAsync(cancellationToken);
    }
}
