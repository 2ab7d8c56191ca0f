using System.Buffers.Binary;
using System.IO.Pipelines;
using Zilla.Edge.Calls;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Tests.Fuzz;

namespace Zilla.EdgeGrpc.Tests.Calls;

public sealed class StreamMemoryTests
{
    private const int Messages = 100, Size = 1 << 20;

    [Fact]
    public async Task Stream_Of100MB_TakesTheMemoryOfAFewMessages()
    {
        var handler = new Counter();
        var context = new FakeContext(CallForm.Grpc, "/zilla.tests.Things/Upload", PipeReader.Create(new Endless(), new StreamPipeReaderOptions(bufferSize: 1 << 17)));
        await CallFuzz.ServerOf(handler, Size).HandleAsync(context.Exchange);
        Assert.Equal((Messages, "0"), (handler.Messages, context.Headers["grpc-status"].ToString()));

        // The first message takes what all the others take again.
        Assert.InRange(handler.Allocated, 0, 4 * Size);
    }

    private sealed class Counter : ICallHandler
    {
        public int Messages { get; private set; }

        public long Allocated { get; private set; }

        public async Task<Status> HandleAsync(Call call)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            while (await call.ReadAsync())
            {
                Messages++;
                Assert.Equal(Size, call.Message.Length);
            }

            Allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return Status.Ok;
        }
    }

    /// <summary>Messages of a size, one after the other, made as they are read; reading never waits, so that all of it happens on one thread.</summary>
    private sealed class Endless : MemoryStream
    {
        private const int Frame = MessageFrame.PrefixLength + Size;
        private long _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_at == (long)Messages * Frame)
            {
                return new(0);
            }

            Span<byte> prefix = stackalloc byte[MessageFrame.PrefixLength];
            BinaryPrimitives.WriteInt32BigEndian(prefix[1..], Size);
            var within = (int)(_at % Frame);
            var piece = buffer.Span[..Math.Min(buffer.Length, within < prefix.Length ? prefix.Length - within : Frame - within)];
            piece.Clear();
            if (within < prefix.Length)
            {
                prefix.Slice(within, piece.Length).CopyTo(piece);
            }

            _at += piece.Length;
            return new(piece.Length);
        }
    }
}
