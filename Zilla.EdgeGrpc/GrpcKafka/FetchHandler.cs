using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Cache;
using Zilla.Edge.Calls;
using Zilla.Edge.Routing;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Server;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>
/// <c>capability: fetch</c> (reference §4.4): the records of a topic as messages, from the beginning or behind the progress that the client presents, until it cancels; of a unary method the
/// first one. Each message gets one more field with the progress up to and with it; who does not know the field passes it over.
/// </summary>
/// <remarks><code>
/// record's value │ tag (field 32767, length-delimited) │ length │ progress
/// </code></remarks>
internal sealed class FetchHandler(string cluster, GrpcKafkaBinding binding, GrpcKafkaFetch fetch, CacheClient cache) : ICallHandler
{
    private const int FlushBytes = 64 << 10;

    private readonly TopicTemplate _topic = TopicTemplate.Compile(fetch.Topic, []);
    private readonly FilterTemplate _filters = FilterTemplate.Compile(fetch.Filters, []);

    public async Task<Status> HandleAsync(Call call)
    {
        var parameters = PathParameters.None.With(call.Exchange.Grants);
        if (_topic.Render(parameters) is not { } topic)
        {
            return new(StatusCode.InvalidArgument, "The topic of the call's route cannot be a topic's name.");
        }

        while (await call.ReadAsync())
        {
            if (!call.Message.IsEmpty)
            {
                return new(StatusCode.InvalidArgument, "What is read from a topic takes no arguments: the request has to be empty.");
            }
        }

        if (!TryStart(call, out var from))
        {
            return new(StatusCode.InvalidArgument, $"{binding.ReliabilityMetadata} is no progress that this gateway gave.");
        }

        await using var subscription = await cache.SubscribeAsync(new TopicName(cluster, topic), from, _filters.Render(parameters), call.Cancelled);
        if (call.Method.IsServerStreaming)
        {
            // Nothing that the topic will have is missed from here on, which the client may wait to hear; the first of it may come tomorrow.
            await call.BeginAsync();
        }

        return await WriteAsync(call, subscription);
    }

    public Task<bool> IsReachableAsync(CancellationToken cancellationToken) => cache.IsReachableAsync(cluster, _topic.Render(PathParameters.None), cancellationToken);

    private async Task<Status> WriteAsync(Call call, Subscription subscription)
    {
        var progress = new ProgressField(binding.ReliabilityField);
        while (true)
        {
            while (call.Unflushed < FlushBytes && subscription.TryRead(out var record))
            {
                if (record.IsTombstone)
                {
                    // No message says that there is none.
                    continue;
                }

                try
                {
                    await call.WriteAsync(record.Value, progress.Encode(subscription.Position));
                }
                catch (CallException refused)
                {
                    // Without that, whoever follows has no way past the record.
                    throw new CallException(refused.Status.Code, $"{refused.Status.Message}; {binding.ReliabilityMetadata} {subscription.Position.ToProgress()} goes on behind that record");
                }

                if (!call.Method.IsServerStreaming)
                {
                    return Status.Ok;
                }
            }

            if (call.Unflushed > 0)
            {
                await call.FlushAsync();
            }
            else
            {
                await subscription.WaitToReadAsync(call.Cancelled);
            }
        }
    }

    private bool TryStart(Call call, out KafkaProgress from)
    {
        from = KafkaProgress.Empty;
        var given = call.Metadata.FirstOrDefault(metadatum => metadatum.Name == binding.ReliabilityMetadata);
        return given.Name is null
            || (MetadataValue.IsBinary(given.Name) ? KafkaProgress.TryDecode(given.Value.Span, out from!) : KafkaProgress.TryParse(Padded(Encoding.ASCII.GetString(given.Value.Span)), out from!));
    }

    /// <summary>Clients leave the padding out, or write the field in plain Base64, as JSON has it.</summary>
    private static string Padded(string progress)
    {
        var digits = progress.TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return digits.PadRight((digits.Length + 3) / 4 * 4, '=');
    }
}
