using FsCheck;
using FsCheck.Fluent;
using Zilla.Streams.FlowControl;

namespace Zilla.Streams.Tests.FlowControl;

public class CreditTests
{
    [Theory]
    [InlineData(0, 0, 1000, 64)]          // an empty record is not free
    [InlineData(256, 40, 1000, 360)]
    [InlineData(5000, 0, 1000, 500)]      // never more than half of the starting credit
    [InlineData(5000, 0, 1, 1)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue / 2)]
    public void Of_Frame_IsItsBytesAndSixtyFour(int payload, int extension, int starting, int expected)
    {
        Assert.Equal(expected, FrameCost.Of(payload, extension, starting));
    }

    [Fact]
    public void TryAdd_BeyondTheMaximum_IsRefused()
    {
        var credit = new SendCredit(100);

        Assert.False(credit.TryAdd(ulong.MaxValue));
        Assert.False(credit.TryAdd(int.MaxValue - 99));
        Assert.True(credit.TryAdd(int.MaxValue - 100));
        Assert.Equal(SendCredit.Maximum, credit.Available);
    }

    [Fact]
    public void TryReceive_BeyondTheWindow_IsRefused()
    {
        var credit = new ReceiveCredit(100);

        Assert.True(credit.TryReceive(60));
        Assert.False(credit.TryReceive(41));
        Assert.True(credit.TryReceive(40));
    }

    [Fact]
    public void Consume_LessThanHalfAWindow_WaitsForMore()
    {
        var credit = new ReceiveCredit(100);
        Assert.True(credit.TryReceive(100));

        Assert.Equal(0, credit.Consume(49));
        Assert.Equal(51, credit.Consume(2));
        Assert.Equal(0, credit.Consume(49));
        Assert.Equal(51, credit.Available);
    }

    /// <summary>
    /// A sender, the wire in both directions and a receiver, stepped in any order: credit is never negative nor overdrawn, none is lost, and
    /// whoever keeps stepping gets every frame across, be it larger than the window.
    /// </summary>
    [Fact]
    public void Exchange_AnyInterleaving_LosesNothingAndNeverLocks()
    {
        var windows = Gen.Choose(1, 500);
        var sizes = Gen.Choose(0, 1000).ListOf();
        var steps = Gen.Choose(0, 3).ListOf();
        Prop.ForAll(windows.SelectMany(w => sizes.SelectMany(s => steps.Select(t => (w, s, t)))).ToArbitrary(), input =>
        {
            var (window, frames, order) = input;
            var exchange = new Exchange(window, new(frames));
            foreach (var step in order)
            {
                exchange.Step(step);
            }

            for (var i = 0; i < (frames.Count + 1) * 4; i++)
            {
                exchange.Step(0);
                exchange.Step(1);
                exchange.Step(2);
                exchange.Step(3);
            }

            return exchange.Consumed == frames.Count;
        }).QuickCheckThrowOnFailure();
    }

    private sealed class Exchange(int window, Queue<int> toSend)
    {
        private readonly Queue<int> _frames = new();
        private readonly Queue<int> _arrived = new();
        private readonly Queue<int> _updates = new();
        private SendCredit _sender = new(window);
        private ReceiveCredit _receiver = new(window);

        public int Consumed { get; private set; }

        public void Step(int what)
        {
            switch (what)
            {
                case 0 when toSend.TryPeek(out var size) && _sender.Has(FrameCost.Of(size, 0, window)):
                    _sender.Take(FrameCost.Of(size, 0, window));
                    _frames.Enqueue(toSend.Dequeue());
                    break;
                case 1 when _frames.TryDequeue(out var size):
                    Assert.True(_receiver.TryReceive(FrameCost.Of(size, 0, window)));
                    _arrived.Enqueue(size);
                    break;
                case 2 when _arrived.TryDequeue(out var size):
                    Consumed++;
                    if (_receiver.Consume(FrameCost.Of(size, 0, window)) is var owed and > 0)
                    {
                        _updates.Enqueue(owed);
                    }

                    break;
                case 3 when _updates.TryDequeue(out var due):
                    Assert.True(_sender.TryAdd((ulong)due));
                    break;
            }

            Assert.InRange(_sender.Available, 0, window);
            Assert.InRange(_receiver.Available, 0, window);
        }
    }
}
