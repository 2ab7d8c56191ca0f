using System.Collections.Concurrent;
using System.Threading.Channels;
using Confluent.Kafka;

namespace Zilla.HandwrittenGrpc;

/// <summary>Topics that are followed: one consumer each, whatever the number of clients. A client that is too slow is dropped.</summary>
internal sealed class Feeds(Kafka kafka)
{
    private const int Backlog = 1000;

    private readonly ConcurrentDictionary<string, Lazy<ConcurrentDictionary<Channel<Item>, bool>>> _followers = new();

    public async IAsyncEnumerable<Item> FollowAsync(string topic, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var followers = _followers.GetOrAdd(topic, name => new(() => Start(name))).Value;
        var channel = Channel.CreateBounded<Item>(new BoundedChannelOptions(Backlog) { SingleReader = true, SingleWriter = true });
        followers[channel] = true;
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            followers.TryRemove(channel, out _);
        }
    }

    private ConcurrentDictionary<Channel<Item>, bool> Start(string topic)
    {
        var followers = new ConcurrentDictionary<Channel<Item>, bool>();
        kafka.Read(topic, Offset.End, message =>
        {
            if (message.Value is null)
            {
                return;
            }

            var item = Item.Parser.ParseFrom(message.Value);
            foreach (var (channel, _) in followers)
            {
                if (!channel.Writer.TryWrite(item))
                {
                    channel.Writer.TryComplete();
                }
            }
        });
        return followers;
    }
}
