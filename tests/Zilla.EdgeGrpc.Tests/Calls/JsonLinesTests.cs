using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Zilla.Edge.Calls;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Json;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Tests.Json;
using Zilla.EdgeGrpc.Tests.Protos;

namespace Zilla.EdgeGrpc.Tests.Calls;

/// <summary>Messages on lines, which come in pieces.</summary>
public sealed class JsonLinesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Lines_InPiecesOfAnySize_AreTheSameMessages(int size)
    {
        using var source = Source(new DrippingBody("{\"aString\":\"one\"}\n\r\n{\"aString\":\"two\"}\n\n{\"aString\":\"three\"}"u8.ToArray(), size));
        Assert.Equal(["one", "two", "three"], await ReadAsync(source));
    }

    [Fact]
    public async Task LongLine_ThatDrips_IsSearchedOnce()
    {
        const int Pieces = 2000;
        var body = new DrippingBody(Encoding.ASCII.GetBytes($$"""{"aString":"{{new string('x', Pieces)}}"}""" + "\n{}\n"), 1);
        using var source = Source(body);
        Assert.Equal([new string('x', Pieces), ""], await ReadAsync(source));

        // Once for the end of the line, once as JSON; one piece more where a search begins at a piece's end.
        Assert.InRange(body.Looks, Pieces, 4 * Pieces);
    }

    private static JsonSource Source(PipeReader body) =>
        new(new FakeContext(CallForm.Json, "/zilla.tests.Things/Upload", body).Exchange, TestSchema.Schema.FindMethod("zilla.tests.Things/Upload")!, new MessageJson(TestSchema.Schema), 1 << 20, new MessageBudget(1 << 30));

    private static async Task<List<string>> ReadAsync(JsonSource source)
    {
        List<string> texts = [];
        while (await source.MoveNextAsync(CancellationToken.None))
        {
            texts.Add(Everything.Parser.ParseFrom(source.Current.Span).AString);
        }

        return texts;
    }

    /// <summary>A body of which each read finds one more piece, and which counts how often a piece is looked at.</summary>
    private sealed class DrippingBody : PipeReader
    {
        private readonly Piece[] _pieces;
        private Piece _first;
        private int _index, _read;

        public DrippingBody(byte[] text, int size)
        {
            _pieces = [.. text.Chunk(size).Select(bytes => new Piece(new Counted(bytes, () => Looks++)))];
            for (var i = 1; i < _pieces.Length; i++)
            {
                _pieces[i].Follow(_pieces[i - 1]);
            }

            _first = _pieces[0];
        }

        public int Looks { get; private set; }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            _read = Math.Min(_read + 1, _pieces.Length);
            var last = _pieces[_read - 1];
            return new(new ReadResult(new(_first, _index, last, last.Memory.Length), isCanceled: false, isCompleted: _read == _pieces.Length));
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => (_first, _index) = ((Piece)consumed.GetObject()!, consumed.GetInteger());

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

        public override void CancelPendingRead() => throw new NotSupportedException();

        public override void Complete(Exception? exception = null)
        {
        }
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(MemoryManager<byte> bytes) => Memory = bytes.Memory;

        public void Follow(Piece previous)
        {
            previous.Next = this;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
        }
    }

    private sealed class Counted(byte[] bytes, Action looked) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(bytes.Length);

        public override Span<byte> GetSpan()
        {
            looked();
            return bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
