'use strict';

// Quizzes: a button to check, and the answer only after a try. Without scripts the answer is below each question to open.
(() => {
  document.querySelectorAll('.quiz .question').forEach(question => {
    const correct = question.dataset.correct;
    const why = question.querySelector('.why');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'check';
    button.textContent = 'Check';
    const verdict = document.createElement('p');
    verdict.className = 'verdict';
    verdict.setAttribute('role', 'status');
    why.hidden = true;
    why.before(button, verdict);

    const chosen = () => question.querySelector('input:checked');
    question.addEventListener('change', () => {
      verdict.textContent = '';
      question.querySelectorAll('.answer').forEach(answer => answer.classList.remove('right', 'wrong'));
    });
    button.addEventListener('click', () => {
      const input = chosen();
      if (!input) {
        verdict.textContent = 'Choose an answer first.';
        return;
      }
      const right = input.value === correct;
      input.closest('.answer').classList.add(right ? 'right' : 'wrong');
      verdict.textContent = right ? '✓ Right.' : '✕ Not this one. The explanation is below; the right answer is in it.';
      why.hidden = false;
      why.open = true;
    });
  });
})();
