using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;

namespace Zilla.Streams.Lanes;

/// <summary>
/// The sending half of a lane: credit and the outbox. <see cref="Gate"/> guards it together with the outbound state of the lane's streams;
/// it is held for the time of encoding one frame, and never while another lock is taken.
/// </summary>
internal sealed class LaneSender
{
    /// <summary>How far control frames, which are free of credit, may pile up beyond the peer's lane credit before the lane is given up.</summary>
    private const int ControlSlack = 4 * 1024 * 1024;

    /// <summary>Writes that have stream credit and wait for lane credit, oldest first.</summary>
    private readonly Queue<LaneStream> _blocked = new();
    private SendCredit _credit;

    public LaneSender() => Outbox = new(Gate);

    public Lock Gate { get; } = new();

    public Outbox Outbox { get; }

    /// <summary>What every stream starts with towards the peer; 0 until the peer has said HELLO, and all writes wait.</summary>
    public int StreamCredit { get; private set; }

    /// <summary>The peer does not take its frames off the lane, yet makes us answer.</summary>
    public bool IsStuffed => Outbox.Pending > (long)_credit.Starting + ControlSlack;

    public void Start(Agreement agreement)
    {
        StreamCredit = agreement.StreamCredit;
        _credit = new(agreement.LaneCredit);
    }

    /// <summary>Sends the frame if stream and lane have the credit for it and nobody is before it.</summary>
    public bool TrySend(ref SendCredit stream, in StreamFrame frame, bool wake = true)
    {
        if (_blocked.Count > 0 || !HasCredit(stream, frame))
        {
            return false;
        }

        Send(ref stream, frame, wake);
        return true;
    }

    /// <summary>Continues a stream's waiting write after the stream got credit.</summary>
    public void Resume(LaneStream stream)
    {
        if (stream.Waiter is not { IsWaiting: true } waiter || stream.IsBlockedOnLane || !HasStreamCredit(stream.Credit, waiter.Frame))
        {
            return;
        }

        if (TrySend(ref stream.Credit, waiter.Frame))
        {
            waiter.Succeed();
            return;
        }

        stream.IsBlockedOnLane = true;
        _blocked.Enqueue(stream);
    }

    /// <summary>False when the credit overflows.</summary>
    public bool TryAddLaneCredit(ulong credit)
    {
        if (!_credit.TryAdd(credit))
        {
            return false;
        }

        while (_blocked.TryPeek(out var stream))
        {
            if (stream.Waiter is { IsWaiting: true } waiter && HasStreamCredit(stream.Credit, waiter.Frame))
            {
                if (!HasCredit(stream.Credit, waiter.Frame))
                {
                    return true;
                }

                Send(ref stream.Credit, waiter.Frame);
                waiter.Succeed();
            }

            stream.IsBlockedOnLane = false;
            _blocked.Dequeue();
        }

        return true;
    }

    private static bool HasStreamCredit(in SendCredit stream, in StreamFrame frame) => stream.Starting > 0 && stream.Has(Cost(frame, stream.Starting));

    private static int Cost(in StreamFrame frame, int starting) => FrameCost.Of(frame.Payload.Length, frame.Extension.Length, starting);

    private bool HasCredit(in SendCredit stream, in StreamFrame frame) => HasStreamCredit(stream, frame) && _credit.Has(Cost(frame, _credit.Starting));

    private void Send(ref SendCredit stream, in StreamFrame frame, bool wake = true)
    {
        stream.Take(Cost(frame, stream.Starting));
        _credit.Take(Cost(frame, _credit.Starting));
        Outbox.Append(frame, wake);
    }
}
