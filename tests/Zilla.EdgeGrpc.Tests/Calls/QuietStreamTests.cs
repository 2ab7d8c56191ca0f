using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Zilla.Edge.Calls;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Tests.Fuzz;
using Zilla.EdgeGrpc.Tests.Protos;

namespace Zilla.EdgeGrpc.Tests.Calls;

/// <summary>What a stream keeps between two messages.</summary>
[Collection(nameof(QuietStreamTests))]
public sealed class QuietStreamTests
{
    private const int Size = 16 << 20;

    [Theory]
    [InlineData((int)CallForm.WebText)]
    [InlineData((int)CallForm.Json)]
    public async Task Stream_AfterALargeMessage_DoesNotKeepAsMuch(int form)
    {
        var handler = new Writer();
        var context = new FakeContext((CallForm)form, "/zilla.tests.Things/Watch", PipeReader.Create(new ReadOnlySequence<byte>()));
        context.Exchange.Context.Features.Set<IHttpResponseBodyFeature>(new Discarded());
        await CallFuzz.ServerOf(handler, 1 << 10).HandleAsync(context.Exchange);
        Assert.InRange(handler.Kept, long.MinValue, Size / 4);
    }

    /// <summary>A body that nothing of it is kept of, be it for others to use again.</summary>
    private sealed class Discarded : PipeWriter, IHttpResponseBodyFeature
    {
        Stream IHttpResponseBodyFeature.Stream => Stream.Null;

        PipeWriter IHttpResponseBodyFeature.Writer => this;

        public override Memory<byte> GetMemory(int sizeHint = 0) => new byte[Math.Max(sizeHint, 4096)];

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => default;

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task CompleteAsync() => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }

    private sealed class Writer : ICallHandler
    {
        private readonly byte[] _message = new Everything { AString = new string('x', Size) }.ToByteArray();

        /// <summary>Bytes more than before the message.</summary>
        public long Kept { get; private set; } = long.MaxValue;

        public async Task<Status> HandleAsync(Call call)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            await call.WriteAsync(_message);
            await call.FlushAsync();
            Kept = GC.GetTotalMemory(forceFullCollection: true) - before;
            return Status.Ok;
        }
    }
}

/// <summary>Alone, because it measures the whole process.</summary>
[CollectionDefinition(nameof(QuietStreamTests), DisableParallelization = true)]
public sealed class QuietStreamGroup;
