using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Zilla.Testing;

/// <summary>Waits for a condition with a deadline, in place of sleeping and hoping.</summary>
public static class Eventually
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    /// <summary>Polls <paramref name="condition"/> until it holds; fails naming the condition that never came true.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        var limit = within ?? Default;
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"After {limit.TotalSeconds:0.#} s this still did not hold: {what}");
            }

            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            await tick.WaitForNextTickAsync();
        }
    }

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}}, TimeSpan?, string?)"/>
    public static Task HoldsAsync(Func<bool> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string? what = null) =>
        HoldsAsync(() => Task.FromResult(condition()), within, what);

    /// <summary>Awaits <paramref name="task"/>, or fails naming it when the deadline passes first.</summary>
    public static async Task<T> CompletesAsync<T>(Task<T> task, TimeSpan? within = null, [CallerArgumentExpression(nameof(task))] string? what = null)
    {
        try
        {
            return await task.WaitAsync(within ?? Default);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not completed in time: {what}");
        }
    }
}
