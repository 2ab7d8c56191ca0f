using Zilla.EdgeMqtt.Connections;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

public sealed class TimerWheelTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void OnDue_IsCalledOnceInItsTime()
    {
        using var wheel = new TimerWheel(_time);
        var (soon, late, round) = (new Entry(), new Entry(), new Entry());
        wheel.Schedule(soon, TimeSpan.FromSeconds(1.5));
        wheel.Schedule(late, TimeSpan.FromSeconds(10));
        wheel.Schedule(round, TimeSpan.FromSeconds(1500)); // around the wheel, and again

        _time.Advance(TimeSpan.FromSeconds(1.4));
        Assert.Equal(0, soon.Calls);
        _time.Advance(TimeSpan.FromSeconds(1.6));
        Assert.Equal((1, 0), (soon.Calls, late.Calls));
        _time.Advance(TimeSpan.FromSeconds(1400));
        Assert.Equal((1, 1, 0), (soon.Calls, late.Calls, round.Calls));
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(1, round.Calls);
    }

    [Fact]
    public void Schedule_Again_TheEarlierCounts()
    {
        using var wheel = new TimerWheel(_time);
        var entry = new Entry();
        wheel.Schedule(entry, TimeSpan.FromSeconds(100));
        wheel.Schedule(entry, TimeSpan.FromSeconds(5));
        wheel.Schedule(entry, TimeSpan.FromSeconds(50));

        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, entry.Calls);
        _time.Advance(TimeSpan.FromSeconds(200));
        Assert.Equal(1, entry.Calls);
    }

    [Fact]
    public void Remove_OfAnyInARow_LeavesTheOthers()
    {
        for (var removed = 0; removed < 3; removed++)
        {
            using var wheel = new TimerWheel(_time);
            Entry[] entries = [new(), new(), new()];
            Array.ForEach(entries, entry => wheel.Schedule(entry, TimeSpan.FromSeconds(5)));
            wheel.Remove(entries[removed]);
            wheel.Remove(entries[removed]);

            _time.Advance(TimeSpan.FromSeconds(7));

            Assert.Equal([.. entries.Select((_, i) => i == removed ? 0 : 1)], entries.Select(entry => entry.Calls));
        }
    }

    [Fact]
    public void OnDue_MaySchedule()
    {
        using var wheel = new TimerWheel(_time);
        var entry = new Entry();
        entry.Then = () => wheel.Schedule(entry, TimeSpan.FromSeconds(3));
        wheel.Schedule(entry, TimeSpan.FromSeconds(3));

        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.InRange(entry.Calls, 5, 6);
    }

    private sealed class Entry : WheelEntry
    {
        public int Calls { get; private set; }

        public Action Then { get; set; } = () => { };

        public override void OnDue()
        {
            Calls++;
            Then();
        }
    }
}
