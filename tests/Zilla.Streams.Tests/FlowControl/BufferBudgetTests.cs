using Zilla.Streams.FlowControl;

namespace Zilla.Streams.Tests.FlowControl;

public class BufferBudgetTests
{
    [Fact]
    public void Shed_AboveTheCap_LetsTheLargestGoUntilItHolds()
    {
        var budget = new BufferBudget(100);
        var (small, large) = (new Holder(budget, 30), new Holder(budget, 60, 50));
        Assert.Equal(140, budget.Used);

        budget.Shed();

        Assert.Equal((30, 50), (small.Buffered, large.Buffered));
    }

    [Fact]
    public void Shed_NobodyHasAnything_Returns()
    {
        var budget = new BufferBudget(10);
        var empty = new Holder(budget);
        Assert.False(budget.Reserve(11));

        budget.Shed();

        Assert.Equal(0, empty.Buffered);
    }

    private sealed class Holder : IBufferHolder
    {
        private readonly BufferBudget _budget;
        private readonly List<int> _streams;

        public Holder(BufferBudget budget, params int[] streams)
        {
            _budget = budget;
            _streams = [.. streams];
            budget.Register(this);
            foreach (var bytes in streams)
            {
                budget.Reserve(bytes);
            }
        }

        public long Buffered => _streams.Sum();

        public bool ShedLargest()
        {
            if (_streams.Count == 0)
            {
                return false;
            }

            var largest = _streams.Max();
            _streams.Remove(largest);
            _budget.Release(largest);
            return true;
        }
    }
}
