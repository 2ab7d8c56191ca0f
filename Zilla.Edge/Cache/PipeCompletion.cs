using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Cache;

/// <summary>Somebody who is to be told what became of a record.</summary>
internal readonly record struct PipeCompletion(IProduceReceiver Receiver, ulong Tag, ProduceOutcome Outcome)
{
    /// <summary>Tells all of them, and empties the list. A receiver that throws costs the others nothing.</summary>
    public static void Tell(List<PipeCompletion> completions, ILogger logger)
    {
        foreach (var completion in completions)
        {
            try
            {
                completion.Receiver.Produced(completion.Tag, completion.Outcome);
            }
            catch (Exception fault)
            {
                CacheLog.ReceiverFailed(logger, fault);
            }
        }

        completions.Clear();
    }
}
