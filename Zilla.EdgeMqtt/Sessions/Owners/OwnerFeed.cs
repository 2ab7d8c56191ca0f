using Zilla.Edge.Cache;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.Mqtt;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions.Owners;

/// <summary>Follows the owners topic of one space, from its beginning, for as long as it lives, and knows whom to ask why there is no owner.</summary>
internal sealed class OwnerFeed : IAsyncDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    // Without an owner for so long, somebody is asked for the reason.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly CacheClient _cache;
    private readonly SessionSpace _space;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly CancellationToken _stopped;
    private readonly Task _following;
    private (Task<StreamBrokenException?> Asked, long At) _reason = (Task.FromResult<StreamBrokenException?>(null), long.MinValue);

    public OwnerFeed(CacheClient cache, SessionSpace space, TimeProvider time, ILogger logger)
    {
        (_cache, _space, _time, _logger, _stopped) = (cache, space, time, logger, _stop.Token);
        using (ExecutionContext.SuppressFlow())
        {
            _following = Task.Run(FollowAsync);
        }
    }

    public OwnerTable Owners { get; } = new();

    /// <summary>The owner of a key (<see cref="OwnerTable.PartitionOf"/>), once there is one in a later epoch than <paramref name="newerThan"/>.</summary>
    /// <param name="key">Of the session or share.</param>
    /// <param name="newerThan">The epoch of an owner that has refused or was lost; -1: any will do.</param>
    /// <param name="cancellationToken">Nobody waits any more: there may never be one.</param>
    /// <exception cref="StreamBrokenException">There will be none as things stand: CAUSE_MISCONFIGURED and the like, with the cache's reason; or the feed has ended.</exception>
    public async Task<SessionOwner> WaitForOwnerAsync(string key, long newerThan, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_stopped.IsCancellationRequested)
            {
                throw new StreamBrokenException(Cause.Unavailable, "The owners are followed no longer");
            }

            var changed = Owners.Change;
            if (Owners.Find(key) is { } owner && owner.Epoch > newerThan)
            {
                return owner;
            }

            try
            {
                await changed.WaitAsync(Patience, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                if (await ReasonAsync(key).WaitAsync(cancellationToken) is { } reason)
                {
                    throw reason;
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                await ReadAsync();
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                // Not there yet, or made anew: what was known of another topic of that name is nothing to go by.
                OwnersLog.Lost(_logger, _space.SessionsTopic, problem.Message);
                if (problem is StreamBrokenException { Cause: Cause.UnknownTopic })
                {
                    Owners.Clear();
                }
            }

            await Task.Delay(Retry, _time, _stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync()
    {
        var topic = new TopicName(_space.Cluster, OwnersTopic.Of(_space.SessionsTopic));
        await using var claims = await _cache.SubscribeAsync(topic, KafkaProgress.Empty, [], _stopped);
        while (true)
        {
            await claims.WaitToReadAsync(_stopped);
            while (claims.TryRead(out var record))
            {
                if (record.Partition == 0 && record.HasKey && OwnerClaim.Decode(record.Key.Span, record.Value) is { } claim)
                {
                    Owners.Take(claim, record.Offset);
                    OwnersLog.Claimed(_logger, _space.SessionsTopic, claim.Partition, claim.Instance, record.Offset);
                }
                else if (!record.IsTombstone)
                {
                    OwnersLog.NoClaim(_logger, topic, record.Offset);
                }
            }
        }
    }

    /// <summary>One question for all who wait, however many there are.</summary>
    private Task<StreamBrokenException?> ReasonAsync(string key)
    {
        lock (_gate)
        {
            if (_reason.Asked.IsCompleted && (_reason.At == long.MinValue || _time.GetElapsedTime(_reason.At) >= Patience))
            {
                _reason = (Task.Run(() => AskAsync(key)), _time.GetTimestamp());
            }

            return _reason.Asked;
        }
    }

    /// <summary>Opens a stream that no owner would accept: a replica that knows what is wrong with the topic says so, any other that it is not the owner.</summary>
    private async Task<StreamBrokenException?> AskAsync(string key)
    {
        try
        {
            await using var stream = _cache.OpenAnywhere(new()
            {
                Mqtt = new() { Cluster = _space.Cluster, SessionsTopic = _space.SessionsTopic, Epoch = -1, Connect = new() { ClientId = key } },
            });
            await stream.ReadAsync(_stopped).AsTask().WaitAsync(_cache.OpenTimeout, _time, _stopped);
        }
        catch (StreamBrokenException refusal) when (refusal.Cause is Cause.Misconfigured or Cause.NotAuthorized)
        {
            return refusal;
        }
        catch (Exception passing) when (passing is StreamBrokenException or TimeoutException or OperationCanceledException)
        {
            // There may be an owner yet.
        }

        return null;
    }
}
