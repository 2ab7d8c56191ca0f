using Google.Protobuf;
using Grpc.Core;

namespace Zilla.HandwrittenGrpc;

internal sealed class BenchService(Kafka kafka, Questions questions, Feeds feeds) : Bench.BenchBase
{
    private static readonly Item Empty = new();

    public override async Task<Item> Put(Item request, ServerCallContext context)
    {
        await kafka.Producer.ProduceAsync("hand-puts", new() { Value = request.ToByteArray() }, context.CancellationToken);
        return Empty;
    }

    public override async Task<Item> Ask(Item request, ServerCallContext context) => Item.Parser.ParseFrom(await questions.AskAsync(request.ToByteArray(), context.CancellationToken));

    public override async Task Follow(Item request, IServerStreamWriter<Item> responseStream, ServerCallContext context)
    {
        await foreach (var item in feeds.FollowAsync(context.RequestHeaders.GetValue("topic") ?? "", context.CancellationToken))
        {
            await responseStream.WriteAsync(item);
        }
    }

    public override Task<Item> Echo(Item request, ServerCallContext context) => Task.FromResult(request);
}
