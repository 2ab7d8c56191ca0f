using Zilla.Streams.Mqtt;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// How many messages of QoS 1 and 2 the client may be sent (§4.9): a slot is taken for each before it goes out, and given back when it is settled. There are as many as its receive maximum says,
/// and no more than its session holds. For any thread.
/// </summary>
internal sealed class SendQuota(ushort receiveMaximum)
{
    private readonly SemaphoreSlim _slots = new(Math.Min((int)receiveMaximum, SessionLimits.Sent));

    /// <summary>Waits until the client may be sent one message more, and takes as many slots as there are, up to <paramref name="most"/>.</summary>
    public async ValueTask<int> TakeAsync(int most, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        var taken = 1;
        while (taken < most && TryTake())
        {
            taken++;
        }

        return taken;
    }

    public bool TryTake() => _slots.Wait(0, CancellationToken.None);

    public void GiveBack(int slots)
    {
        if (slots > 0)
        {
            _slots.Release(slots);
        }
    }
}
