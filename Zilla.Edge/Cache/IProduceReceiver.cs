namespace Zilla.Edge.Cache;

/// <summary>Is told what became of records that it has produced, in the order in which it produced them to a target.</summary>
public interface IProduceReceiver
{
    /// <summary>Called once for each record, not while it is being produced, by one thread at a time for a target. It must be quick and not throw: others wait behind it.</summary>
    void Produced(ulong tag, in ProduceOutcome outcome);
}
